// Secrets that stand after their name inside a text: `password=…`, `"token": "…"`, `Cookie: …`, `<pin>…</pin>`,
// `?api_key=…`. One pass over the text; every look back is bounded, so the time is linear in its length.
import type { NameTest } from './names.ts';
import { isReplacement, type Treatment } from './way.ts';

/** How far back from `=` or `:` a name may begin. */
const MAX_NAME = 128;
/** White space and quotes between a name and its separator, and between that and the value. */
const MAX_GAP = 16;

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const EQUALS = 0x3d;
const COLON = 0x3a;
const GREATER = 0x3e;
const AMPERSAND = 0x26;

/** The characters of a bare name. */
const NAME_CHARS = new Uint8Array(128);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.%$@-[]+') {
  NAME_CHARS[char.charCodeAt(0)] = 1;
}
const LITERAL = /^(?:true|false|null|undefined|none)$/i;
/** Headers whose value is the rest of the line. */
const LINE_NAMES = /(?:authori[sz]ation|cookie2?)$/i;
/** In prose (`token: expired`) only these names are believed at once; for others the value must look like one. */
const STRONG_NAMES =
  /(?:pass(?:word|wd|phrase|code)|pwd|secret|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|credentials?)\W*$/i;
/** Second words of names that are written with a space: `api key: …`. */
const SECOND_WORDS = /^(?:key|number|code|id|string|token|phrase)$/i;
/** What ends a bare value at `,` or `;`: the end, white space, or a next assignment. */
const NEXT_ASSIGNMENT = /[,;](?:\s|$|[\w .\-[\]"']{1,40}[=:])/y;
/** What names the field in the header of a multipart part. */
const FIELD_NAME = /^name$/i;
/** From the header of a multipart field to its body. */
const MULTIPART_BODY = /[^\r\n]{0,200}\r?\n(?:[^\r\n]{1,200}\r?\n){0,5}\r?\n/y;

/** Is told each secret, and what its rule does with it. */
export type Found = (secret: string, treatment: Treatment) => void;

interface Span {
  /** The name the value stands after. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Put around the replacement so that JSON stays JSON. */
  readonly quote: string;
}

/**
 * `text` with the values after secret names replaced. `found` is told each value.
 */
export function redactAssignments(
  text: string,
  isSecret: NameTest,
  treatmentOf: (name: string) => Treatment,
  found: Found,
): string {
  let out = '';
  let done = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== EQUALS && code !== COLON && code !== GREATER) continue;
    const span = code === GREATER ? elementValue(text, i, isSecret) : assignedValue(text, i, done, isSecret);
    if (span === undefined || span.end <= span.start) continue;
    const value = text.slice(span.start, span.end);
    if (LITERAL.test(value) || isReplaced(value)) continue;
    const treatment = treatmentOf(span.name);
    found(value, treatment);
    out += `${text.slice(done, span.start)}${span.quote}${treatment.replacement(value)}${span.quote}`;
    done = span.end;
    i = span.end - 1;
  }
  return done === 0 ? text : out + text.slice(done);
}

/** True where a secret may stand after the `=`, `:` or `>` at `separator`. */
export function isAssignment(text: string, separator: number, isSecret: NameTest): boolean {
  if (text.charCodeAt(separator) === GREATER) return elementValue(text, separator, isSecret) !== undefined;
  const name = nameBefore(text, separator, 0);
  return name !== undefined && (isSecret(name.text) || FIELD_NAME.test(name.text));
}

/** A replacement, perhaps with the punctuation of a sentence after it. */
function isReplaced(value: string): boolean {
  return isReplacement(value.replace(/["'\\,;.:)}\]]{1,8}$/, (end) => (end.startsWith(']') ? ']' : '')));
}

function assignedValue(text: string, separator: number, from: number, isSecret: NameTest): Span | undefined {
  const name = nameBefore(text, separator, from);
  if (name === undefined) return undefined;
  if (!isSecret(name.text)) {
    return FIELD_NAME.test(name.text) ? multipartValue(text, separator, isSecret) : undefined;
  }
  let start = separator + 1;
  // `:=` and `=>` separate too.
  if (text.charCodeAt(start) === EQUALS || text.charCodeAt(start) === GREATER) start++;
  const spaced = skipSpace(text, start);
  const prose = text.charCodeAt(separator) === COLON && name.quote === undefined;
  const opening = quoteAt(text, spaced);
  if (opening !== undefined) {
    const begin = spaced + opening.length;
    return { name: name.text, start: begin, end: closingQuote(text, begin, opening), quote: '' };
  }
  // `a=&b=1`: an empty value, not one that begins after the white space.
  if (
    spaced > start &&
    !prose &&
    name.quote === undefined &&
    text.charCodeAt(separator) === EQUALS &&
    start > separator + 1
  ) {
    return undefined;
  }
  const first = text[spaced];
  if (name.quote !== undefined && (first === '{' || first === '[')) {
    return { name: name.text, start: spaced, end: closingBracket(text, spaced), quote: name.quote };
  }
  if (LINE_NAMES.test(name.text))
    return { name: name.text, start: spaced, end: endOfLine(text, spaced), quote: '' };
  const end = endOfWord(text, spaced, name.quote !== undefined);
  if (prose && !STRONG_NAMES.test(name.text) && !looksSecret(text.slice(spaced, end))) return undefined;
  return { name: name.text, start: spaced, end, quote: name.quote ?? '' };
}

interface Name {
  readonly text: string;
  /** The quote the name stands in, with its backslashes; undefined for a bare name. */
  readonly quote: string | undefined;
}

function nameBefore(text: string, separator: number, from: number): Name | undefined {
  let end = separator;
  while (end > from && separator - end < MAX_GAP && isSpace(text.charCodeAt(end - 1))) end--;
  const last = text.charCodeAt(end - 1);
  if (last === QUOTE || last === APOSTROPHE) return quotedName(text, end, from);
  let start = end;
  const limit = Math.max(from, end - MAX_NAME);
  while (start > limit && NAME_CHARS[text.charCodeAt(start - 1)] === 1) start--;
  if (start === end) return undefined;
  const word = text.slice(start, end);
  if (SECOND_WORDS.test(word) && start > from && text[start - 1] === ' ') {
    let before = start - 1;
    while (before > limit && NAME_CHARS[text.charCodeAt(before - 1)] === 1) before--;
    return { text: decodeName(text.slice(before, end)), quote: undefined };
  }
  return { text: decodeName(word), quote: undefined };
}

function quotedName(text: string, end: number, from: number): Name | undefined {
  const mark = text[end - 1] as string;
  let inner = end - 1;
  while (inner > from && text.charCodeAt(inner - 1) === BACKSLASH) inner--;
  const limit = Math.max(from, inner - MAX_NAME);
  let start = inner;
  while (start > limit && text[start - 1] !== mark) start--;
  if (start === limit && text[start - 1] !== mark) return undefined;
  return { text: decodeName(text.slice(start, inner)), quote: text.slice(inner, end) };
}

/** A name as its reader would see it: percent-encoding, `+` for a space and JSON escapes undone. */
function decodeName(name: string): string {
  let plain = name;
  if (plain.includes('\\')) {
    plain = plain.replace(/\\+u([0-9a-fA-F]{4})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
  // Twice encoded names occur in URLs inside of URLs.
  for (let i = 0; i < 3 && plain.includes('%'); i++) {
    plain = plain.replace(/%([0-7][0-9a-fA-F])/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
  return plain;
}

/** `<name …>value<`: what an element holds. */
function elementValue(text: string, close: number, isSecret: NameTest): Span | undefined {
  const limit = Math.max(0, close - MAX_NAME);
  let open = close - 1;
  while (open >= limit && text[open] !== '<' && text[open] !== '>') open--;
  if (open < limit || text[open] !== '<') return undefined;
  const name = /^[\w:.-]+/.exec(text.slice(open + 1, close))?.[0];
  if (name === undefined) return undefined;
  const local = name.slice(name.lastIndexOf(':') + 1);
  if (!isSecret(local)) return undefined;
  const end = text.indexOf('<', close);
  return { name: local, start: close + 1, end: end < 0 ? text.length : end, quote: '' };
}

/** `name="password"` of a multipart field: its body, after the empty line. */
function multipartValue(text: string, separator: number, isSecret: NameTest): Span | undefined {
  const opening = quoteAt(text, separator + 1);
  if (opening === undefined) return undefined;
  const begin = separator + 1 + opening.length;
  const end = closingQuote(text, begin, opening);
  const name = text.slice(begin, end);
  if (end - begin > MAX_NAME || !isSecret(name)) return undefined;
  MULTIPART_BODY.lastIndex = end;
  if (!MULTIPART_BODY.test(text)) return undefined;
  const start = MULTIPART_BODY.lastIndex;
  const boundary = text.indexOf('\n--', start);
  if (boundary < 0) return { name, start, end: text.length, quote: '' };
  return { name, start, end: text[boundary - 1] === '\r' ? boundary - 1 : boundary, quote: '' };
}

function quoteAt(text: string, at: number): string | undefined {
  let end = at;
  while (end - at < MAX_GAP && text.charCodeAt(end) === BACKSLASH) end++;
  const code = text.charCodeAt(end);
  return code === QUOTE || code === APOSTROPHE ? text.slice(at, end + 1) : undefined;
}

/** The next quote of the same kind with as few backslashes: inside a string they have more. */
function closingQuote(text: string, from: number, opening: string): number {
  const mark = opening.at(-1) as string;
  const slashes = opening.length - 1;
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + 1)) {
    let start = at;
    while (start > from && at - start <= slashes && text.charCodeAt(start - 1) === BACKSLASH) start--;
    if (at - start <= slashes) return start;
    // An even number of backslashes escapes itself, not the quote.
    if (slashes === 0 && isEvenRun(text, at, from)) return at;
  }
  return text.length;
}

function isEvenRun(text: string, at: number, from: number): boolean {
  let start = at;
  while (start > from && text.charCodeAt(start - 1) === BACKSLASH) start--;
  return (at - start) % 2 === 0;
}

function closingBracket(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === '{' || char === '[') depth++;
    else if ((char === '}' || char === ']') && --depth === 0) return i + 1;
    else if (char === '"') {
      const opening = '"';
      i = closingQuote(text, i + 1, opening);
    }
  }
  return text.length;
}

function endOfLine(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x0a || code === 0x0d || code === QUOTE || code === BACKSLASH) return i;
    if (code === APOSTROPHE && endsWord(text, i + 1)) return i;
  }
  return text.length;
}

function endOfWord(text: string, from: number, json: boolean): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isSpace(code) || code === AMPERSAND || code === QUOTE || code === 0x3c) return i;
    if (json && (code === 0x2c || code === 0x7d || code === 0x5d)) return i;
    if (code === BACKSLASH && quoteAt(text, i) !== undefined) return i;
    if (code === APOSTROPHE && endsWord(text, i + 1)) return i;
    if (code === 0x2c || code === 0x3b) {
      NEXT_ASSIGNMENT.lastIndex = i;
      if (NEXT_ASSIGNMENT.test(text)) return i;
    }
  }
  return text.length;
}

function endsWord(text: string, at: number): boolean {
  return at >= text.length || /[\s,;)&\]}]/.test(text[at] as string);
}

/** Digits alone, letters and digits, or long: what a word of a sentence hardly is. */
function looksSecret(value: string): boolean {
  return /^\d{3,}\W?$/.test(value) || (value.length >= 6 && /\d/.test(value)) || value.length >= 20;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at - from < MAX_GAP && isSpace(text.charCodeAt(at))) at++;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
