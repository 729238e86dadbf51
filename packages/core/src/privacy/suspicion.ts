// The cheap look at a string that decides whether it is searched for secrets at all. One loop, a table lookup a
// character; nearly every string of an ordinary event ends here.
import { isAssignment } from './assignments.ts';
import { decodeBase64 } from './base64-text.ts';
import type { TailTest } from './name-tails.ts';
import type { NameTest } from './names.ts';
import { TOKEN_HEAD } from './patterns.ts';

/** No text shorter than this holds a secret and the name or form by which it is known. */
const MIN_TEXT = 5;
/** Card numbers have 13 digits or more. */
const CARD_DIGITS = 13;
const OTHER = 1;
const UPPER = 2;
const LOWER = 4;
const DIGIT = 8;
/** Keeps a run of digits going, as in `4111 1111 …`. */
const JOINER = 16;
/** A character that is looked at together with its neighbours. */
const LOOK = 32;

const CLASS = new Uint8Array(256).fill(OTHER);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') CLASS[char.charCodeAt(0)] = UPPER;
for (const char of 'abcdefghijklmnopqrstuvwxyz') CLASS[char.charCodeAt(0)] = LOWER;
for (const char of '0123456789') CLASS[char.charCodeAt(0)] = DIGIT;
CLASS[0x2f] = 0; // `/`, of the base64 alphabet
for (const char of 'AJX') CLASS[char.charCodeAt(0)] = UPPER | LOOK;
for (const char of '=_+') CLASS[char.charCodeAt(0)] = LOOK;
for (const char of ':>%.@') CLASS[char.charCodeAt(0)] = OTHER | LOOK;
CLASS[0x2d] = JOINER | LOOK; // `-`
const SPACE = OTHER | JOINER | LOOK;
CLASS[0x20] = SPACE;

/** Which characters can be the last of a scheme of `endsScheme` (1), the last but one (2), and the one before that (4). */
const SCHEME_ENDS = new Uint8Array(256);
for (const [bit, chars] of [
  [1, 'rcnteyRCNTEY'],
  [2, 'eistEIST'],
  [4, 'rskeaRSKEA'],
] as const) {
  for (const char of chars) SCHEME_ENDS[char.charCodeAt(0)]! |= bit;
}
/** What follows the A of a key of AWS or Google. */
const A_FOLLOWERS = tableOf('KSBC3I');

function tableOf(chars: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const char of chars) table[char.charCodeAt(0)] = 1;
  return table;
}

/** Texts of such a length are encoded at once. */
const MIN_ENCODED = 48;
const MAX_ENCODED = 16_384;

/**
 * A test that is false only for texts in which `TextRedactor.redact` would find nothing: it may be wrong the
 * other way round. Whatever is added to the patterns needs its first characters here and in `TOKEN_HEAD`.
 */
export function createSuspicion(isSecret: NameTest, endsInName: TailTest): (text: string) => boolean {
  return (text) => {
    const length = text.length;
    if (length < MIN_TEXT) return false;
    const first = text.charCodeAt(0);
    // `{`, `[`, `"`, white space before them: it may be JSON.
    if (first === 0x7b || first === 0x5b || first === 0x22 || first <= 0x20) return true;
    // Reading bytes out of an array is several times faster than characters out of a string.
    const codes = codesOf(text);
    let seen = 0;
    let run = 0;
    let tokens = false;
    let hasUrl: boolean | undefined;
    for (let i = 0; i < length; i++) {
      let kind = CLASS[codes[i]!]!;
      if (kind === LOWER) {
        // Most characters: nothing else is done for them. What is behind the end is no letter.
        do kind = CLASS[codes[++i]!]!;
        while (kind === LOWER);
        seen |= LOWER;
        run = 0;
        if (i >= length) break;
      }
      seen |= kind;
      if (kind === SPACE) {
        if (mayEndScheme(codes, i) && endsScheme(text, i)) return true;
        continue;
      }
      if ((kind & DIGIT) !== 0) {
        if (++run >= CARD_DIGITS) return true;
        continue;
      }
      if ((kind & JOINER) === 0) run = 0;
      if ((kind & LOOK) === 0) continue;
      switch (codes[i]) {
        case 0x3d: // =
          if (endsInName(text, i) && isAssignment(text, i, isSecret)) return true;
          if (beginsBase64(text, i + 1)) return true;
          break;
        case 0x3a: // :
          if (endsInName(text, i) && isAssignment(text, i, isSecret)) return true;
          break;
        case 0x3e: // >
          if (isAssignment(text, i, isSecret)) return true;
          break;
        case 0x40: // @ of a URL's userinfo
          // Asked once: a text may be full of them.
          hasUrl ??= text.includes('://');
          if (hasUrl) return true;
          break;
        case 0x25: // %
          if (isHex(text.charCodeAt(i + 1)) && isHex(text.charCodeAt(i + 2))) return true;
          break;
        case 0x2b: // + stands for a space in forms
          if (mayEndScheme(codes, i) && endsScheme(text, i)) return true;
          break;
        case 0x2d: // -
          if (mayBeginFlag(text, i, endsInName)) return true;
          tokens ||= endsDashHead(text, i);
          break;
        case 0x5f: // _
          tokens ||= endsLineHead(text, i);
          break;
        case 0x2e: // .
          tokens ||= endsDotHead(text, i);
          break;
        case 0x4a: // J of eyJ
          tokens ||= codes[i - 1] === 0x79;
          break;
        case 0x58: // X of GOCSPX
          tokens ||= codes[i - 1] === 0x50;
          break;
        default: // A of AKIA, ASIA, ABIA, ACCA, A3T, AIza
          tokens ||= A_FOLLOWERS[codes[i + 1] ?? 0] === 1;
      }
    }
    if (tokens && TOKEN_HEAD.test(text)) return true;
    return (seen & (OTHER | UPPER | LOWER)) === (UPPER | LOWER) && decodeBase64(text) !== undefined;
  };
}

const encoder = new TextEncoder();
const bytes = new Uint8Array(MAX_ENCODED + 1);

/** The characters of a text, and a 0 behind them; those that are not ASCII as one that means nothing. */
function codesOf(text: string): Uint8Array {
  const { length } = text;
  if (length >= MIN_ENCODED && length <= MAX_ENCODED && encoder.encodeInto(text, bytes).written === length) {
    bytes[length] = 0;
    return bytes;
  }
  const codes = length < MAX_ENCODED ? bytes : new Uint8Array(length + 1);
  for (let i = 0; i < length; i++) {
    codes[i] = Math.min(text.charCodeAt(i), 128);
  }
  codes[length] = 0;
  return codes;
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

function beginsBase64(text: string, from: number): boolean {
  BASE64_WORD.lastIndex = from;
  const word = BASE64_WORD.exec(text)?.[0];
  return word !== undefined && decodeBase64(word) !== undefined;
}

const BASE64_WORD = /[A-Za-z0-9+/_-]{16,}={0,2}/y;

/** `--name` or `-name` that may be a secret name, with a space behind it and no word before it. */
function mayBeginFlag(text: string, at: number, endsInName: TailTest): boolean {
  let end = text.charCodeAt(at + 1) === 0x2d ? at + 2 : at + 1;
  if ((classOf(text, end) & (UPPER | LOWER)) === 0 || (at > 0 && isNameChar(text, at - 1))) return false;
  const limit = end + MAX_FLAG;
  while (end < limit && isNameChar(text, end)) end++;
  const next = text.charCodeAt(end);
  return (next === 0x20 || next === 0x09) && endsInName(text, end);
}

/** Of a letter and up to 40 characters more. */
const MAX_FLAG = 41;

function isNameChar(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x5f || code === 0x2d || (classOf(text, at) & (UPPER | LOWER | DIGIT)) !== 0;
}

function classOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  // NaN behind the end is not below 128 either.
  return code < 128 ? CLASS[code]! : 0;
}

/** False only where `endsScheme` would be. */
function mayEndScheme(codes: Uint8Array, at: number): boolean {
  return (
    at >= 3 &&
    (SCHEME_ENDS[codes[at - 1]!]! &
      (SCHEME_ENDS[codes[at - 2]!]! >> 1) &
      (SCHEME_ENDS[codes[at - 3]!]! >> 2)) ===
      1
  );
}

function endsScheme(text: string, at: number): boolean {
  switch (text.charCodeAt(at - 1) | 0x20) {
    case 0x72:
      return endsWith(text, at, 'bearer');
    case 0x63:
      return endsWith(text, at, 'basic');
    case 0x6e:
      return endsWith(text, at, 'token');
    case 0x74:
      return endsWith(text, at, 'digest');
    case 0x65:
      return endsWith(text, at, 'negotiate');
    case 0x79:
      return endsWith(text, at, 'apikey');
    default:
      return false;
  }
}

/** Whether `word` ends before `end`, in any case. */
function endsWith(text: string, end: number, word: string): boolean {
  const from = end - word.length;
  if (from < 0) return false;
  for (let i = word.length - 1; i >= 0; i--) {
    if ((text.charCodeAt(from + i) | 0x20) !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** `SG.`, `hvs.`, `ya29.`, `hooks.slack`. */
function endsDotHead(text: string, at: number): boolean {
  return (
    text.charCodeAt(at - 2) === 0x76 || // v of hvs, hvb, hvr
    text.charCodeAt(at - 1) === 0x47 || // G of SG
    (text.charCodeAt(at - 1) === 0x39 && text.charCodeAt(at - 4) === 0x79) || // y and 9 of ya29
    (text.charCodeAt(at + 1) === 0x73 && text.charCodeAt(at - 1) === 0x73) // s and s of hooks.slack
  );
}

/** `sk-`, `xoxb-`, `glpat-`, `-----BEGIN`. */
function endsDashHead(text: string, at: number): boolean {
  const last = text.charCodeAt(at - 1);
  return (
    last === 0x6b || // k of sk
    text.charCodeAt(at + 1) === 0x2d ||
    ((last === 0x74 || last === 0x73) && followsGl(text, at)) ||
    text.charCodeAt(at - 2) === 0x78 // x of xox
  );
}

/** `gl` and two to five letters. */
function followsGl(text: string, at: number): boolean {
  for (let from = at - 7; from <= at - 4; from++) {
    if (text.charCodeAt(from) === 0x67 && text.charCodeAt(from + 1) === 0x6c) return true;
  }
  return false;
}

/** `ghp_`, `github_pat_`, `npm_`, `sk_`, `whsec_`, `dckr_`. */
function endsLineHead(text: string, at: number): boolean {
  switch (text.charCodeAt(at - 1)) {
    case 0x6b: // sk, rk
    case 0x63: // whsec
    case 0x62: // github
      return true;
    case 0x6d: // npm
      return text.charCodeAt(at - 2) === 0x70;
    default: // ghp, gho, ghu, ghs, ghr; dckr
      return text.charCodeAt(at - 2) === 0x68 || text.charCodeAt(at - 2) === 0x6b;
  }
}
