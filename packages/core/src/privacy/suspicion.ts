// The cheap look at a string that decides whether it is searched for secrets at all. One loop, a table lookup a
// character; nearly every string of an ordinary event ends here.
import { isAssignment } from './assignments.ts';
import { decodeBase64 } from './base64-text.ts';
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

const CLASS = new Uint8Array(128).fill(OTHER);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') CLASS[char.charCodeAt(0)] = UPPER;
for (const char of 'abcdefghijklmnopqrstuvwxyz') CLASS[char.charCodeAt(0)] = LOWER;
for (const char of '0123456789') CLASS[char.charCodeAt(0)] = DIGIT;
CLASS[0x2f] = 0; // `/`, of the base64 alphabet
for (const char of 'AJX') CLASS[char.charCodeAt(0)] = UPPER | LOOK;
for (const char of '=_+') CLASS[char.charCodeAt(0)] = LOOK;
for (const char of ':>%.@') CLASS[char.charCodeAt(0)] = OTHER | LOOK;
CLASS[0x2d] = JOINER | LOOK; // `-`
CLASS[0x20] = OTHER | JOINER | LOOK;

/**
 * A test that is false only for texts in which `TextRedactor.redact` would find nothing: it may be wrong the
 * other way round. Whatever is added to the patterns needs its first characters here and in `TOKEN_HEAD`.
 */
export function createSuspicion(isSecret: NameTest): (text: string) => boolean {
  return (text) => {
    const length = text.length;
    if (length < MIN_TEXT) return false;
    const first = text.charCodeAt(0);
    // `{`, `[`, `"`, white space before them: it may be JSON.
    if (first === 0x7b || first === 0x5b || first === 0x22 || first <= 0x20) return true;
    let seen = 0;
    let run = 0;
    let tokens = false;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      const kind = code < 128 ? (CLASS[code] as number) : OTHER;
      seen |= kind;
      if (kind === LOWER) {
        run = 0;
        continue;
      }
      if ((kind & DIGIT) !== 0) {
        if (++run >= CARD_DIGITS) return true;
        continue;
      }
      if ((kind & JOINER) === 0) run = 0;
      if ((kind & LOOK) === 0) continue;
      switch (code) {
        case 0x3d: // =
          if (isAssignment(text, i, isSecret) || beginsBase64(text, i + 1)) return true;
          break;
        case 0x3a: // :
        case 0x3e: // >
          if (isAssignment(text, i, isSecret)) return true;
          break;
        case 0x40: // @ of a URL's userinfo
          if (text.includes('://')) return true;
          break;
        case 0x25: // %
          if (isHex(text.charCodeAt(i + 1)) && isHex(text.charCodeAt(i + 2))) return true;
          break;
        case 0x20:
        case 0x2b: // + stands for a space in forms
          if (endsScheme(text, i)) return true;
          break;
        case 0x2d: // -
          if (mayBeginFlag(text, i)) return true;
          tokens ||= endsDashHead(text, i);
          break;
        case 0x5f: // _
          tokens ||= endsLineHead(text, i);
          break;
        case 0x2e: // .
          tokens ||= endsDotHead(text, i);
          break;
        case 0x4a: // J of eyJ
          tokens ||= text.charCodeAt(i - 1) === 0x79;
          break;
        case 0x58: // X of GOCSPX
          tokens ||= text.charCodeAt(i - 1) === 0x50;
          break;
        default: // A of AKIA, ASIA, ABIA, ACCA, A3T, AIza
          tokens ||= 'KSBC3I'.includes(text[i + 1] ?? '-');
      }
    }
    if (tokens && TOKEN_HEAD.test(text)) return true;
    return (seen & (OTHER | UPPER | LOWER)) === (UPPER | LOWER) && decodeBase64(text) !== undefined;
  };
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

/** Before `-`: the beginning, or no character of a word; after it: a letter or another `-`. */
function mayBeginFlag(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1);
  const letter = (next >= 0x61 && next <= 0x7a) || (next >= 0x41 && next <= 0x5a);
  if (!letter && next !== 0x2d) return false;
  return at === 0 || /[^\w-]/.test(text[at - 1] as string);
}

const SCHEME = /(?:bearer|basic|token|digest|negotiate|apikey)$/i;

function endsScheme(text: string, at: number): boolean {
  switch (text.charCodeAt(at - 1) | 0x20) {
    case 0x72: // bearer
    case 0x63: // basic
    case 0x6e: // token
    case 0x74: // digest
    case 0x65: // negotiate
    case 0x79: // apikey
      return SCHEME.test(text.slice(Math.max(0, at - 9), at));
    default:
      return false;
  }
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
    (last === 0x74 || last === 0x73 ? text.slice(Math.max(0, at - 7), at).includes('gl') : false) ||
    text.charCodeAt(at - 2) === 0x78 // x of xox
  );
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
