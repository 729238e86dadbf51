// The rule of the same event: what was found to be a secret in one place of an event is one in every other place.
import { base64 } from '../event/base64.ts';
import type { JsonObject, JsonValue } from '../event/model.ts';
import { pointerKey, pointerToken } from '../event/text.ts';
import { createMasker, type Forms, PREFIX } from './occurrences.ts';
import { isReplacement, REDACTED, REDACTION_ERROR, type Treatment } from './way.ts';

/** Shorter values are too common to be looked for. */
const MIN_SECRET = 4;
/** Values shorter than this are only found as whole words. */
const MIN_ANYWHERE = 8;
/** Secrets of one event that are looked for elsewhere; what is known by name or pattern is replaced without limit. */
const MAX_SECRETS = 256;
/** Longer secrets are looked for by their beginning. */
const MAX_SECRET = 4_096;

/** So many secrets, in texts of so many characters, are first looked for by what all their forms have in common. */
const FEW_SECRETS = 16;
const LITTLE_TEXT = 16_384;

/** Values that stand under secret names without being one. */
const COMMON: ReadonlySet<string> = new Set([
  'true',
  'false',
  'null',
  'undefined',
  'none',
  'bearer',
  'basic',
]);

// Pieces of our own marks: masking those would only garble what was masked before.
const MARKS = REDACTED + REDACTION_ERROR;

const encoder = new TextEncoder();

/** The secrets of one event, as they are found. */
export class SecretSet {
  readonly #secrets = new Map<string, Treatment>();

  /** A secret found twice stays with the rule that found it first. */
  add(secret: string, treatment: Treatment): void {
    for (const part of parts(secret)) {
      if (part.length < MIN_SECRET || this.#secrets.size >= MAX_SECRETS) continue;
      if (COMMON.has(part.toLowerCase()) || isReplacement(part) || MARKS.includes(part)) continue;
      const looked = part.slice(0, MAX_SECRET);
      if (!this.#secrets.has(looked)) this.#secrets.set(looked, treatment);
    }
  }

  /** True where no secret occurs in `text` in any form; false says nothing. */
  absentFrom(text: string): boolean {
    if (this.#secrets.size > FEW_SECRETS || text.length > LITTLE_TEXT) return false;
    let shortest = Number.POSITIVE_INFINITY;
    for (const secret of this.#secrets.keys()) {
      // No encoding but base64 changes letters and digits.
      const core = longestRun(secret.slice(0, PREFIX), ALPHANUMERIC);
      if (core === '' || text.includes(core)) return false;
      shortest = Math.min(shortest, leastBase64(secret));
    }
    return longestRun(text, BASE64).length < shortest;
  }

  /** Every form a secret may have been written in: those looked for anywhere, and those that count as whole words. */
  forms(): { readonly anywhere: Forms; readonly words: Forms } {
    const anywhere = new Map<string, Treatment>();
    const words = new Map<string, Treatment>();
    for (const [secret, treatment] of this.#secrets) {
      const target = secret.length < MIN_ANYWHERE ? words : anywhere;
      for (const form of spellings(secret)) if (!target.has(form)) target.set(form, treatment);
      for (const form of base64Forms(secret)) {
        if (form.length >= MIN_ANYWHERE && !anywhere.has(form)) anywhere.set(form, treatment);
      }
    }
    return { anywhere, words };
  }
}

/** Masks every secret of an event in every form; null where none of them occurs in it. */
function maskerFor(event: JsonObject, secrets: SecretSet): ((text: string) => string) | null {
  if (secrets.absentFrom(textsOf(event, []).join('\n'))) return null;
  const { anywhere, words } = secrets.forms();
  return createMasker(anywhere, words);
}

const ALPHANUMERIC = /[A-Za-z0-9]+/g;
const BASE64 = /[A-Za-z0-9+/_-]{7,}/g;

function longestRun(text: string, runs: RegExp): string {
  let longest = '';
  for (const run of text.match(runs) ?? []) if (run.length > longest.length) longest = run;
  return longest;
}

/** Characters of the shortest of `base64Forms` at least: a character is a byte or more, three bytes are four digits. */
function leastBase64(secret: string): number {
  return Math.min(PREFIX, Math.max(MIN_ANYWHERE, Math.floor((secret.length * 4) / 3) - 3));
}

/** Every string and key of a value. */
function textsOf(value: JsonValue, texts: string[]): string[] {
  if (typeof value === 'string') texts.push(value);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      texts.push(key);
      textsOf(item as JsonValue, texts);
    }
  }
  return texts;
}

/** A credential and what it is made of: the value behind its scheme, the values of a cookie, the password of Basic. */
function* parts(secret: string): Generator<string> {
  const whole = secret.trim();
  yield whole;
  const scheme = /^(?:bearer|basic|token|digest|apikey)\s+(\S+)$/i.exec(whole)?.[1];
  if (scheme !== undefined) {
    yield scheme;
    const password = passwordOf(scheme);
    if (password !== undefined) yield password;
  }
  if (whole.includes('=')) {
    for (const pair of whole.split(/[;,&]\s*/, 64)) {
      const value = pair.slice(pair.indexOf('=') + 1).replace(/^"(.*)"$/, '$1');
      if (value.length >= MIN_ANYWHERE) yield value;
    }
  }
  if (whole.includes('%') || whole.includes('+')) {
    try {
      yield decodeURIComponent(whole.replaceAll('+', ' '));
    } catch {
      // Not percent-encoded after all.
    }
  }
  if (whole.includes('\\')) {
    try {
      yield JSON.parse(`"${whole}"`) as string;
    } catch {
      // Not a JSON string after all.
    }
  }
}

/** RFC 7617: `user:password` in base64. */
function passwordOf(credentials: string): string | undefined {
  try {
    const decoded = atob(credentials.replaceAll('-', '+').replaceAll('_', '/'));
    const colon = decoded.indexOf(':');
    return colon < 0 ? undefined : decoded.slice(colon + 1);
  } catch {
    return undefined;
  }
}

/** No encoding changes these. */
const PLAIN = /^[\w.-]+$/;

/** Every form a value may have been written in. */
export function formsOf(value: string): readonly string[] {
  return [...spellings(value), ...base64Forms(value)];
}

/** As it is, percent-encoded by either rule, in a form body, inside of JSON. */
function spellings(secret: string): string[] {
  if (PLAIN.test(secret)) return [secret];
  const json = JSON.stringify(secret).slice(1, -1);
  let uri = secret;
  let form = secret;
  try {
    uri = encodeURIComponent(secret);
    form = new URLSearchParams([['', secret]]).toString().slice(1);
  } catch {
    // A lone surrogate has no encoding.
  }
  return [
    secret,
    json,
    uri,
    uri.toLowerCase() === uri ? uri : lowerEscapes(uri),
    form,
    encodeURI(wellFormed(secret)),
  ];
}

function lowerEscapes(uri: string): string {
  return uri.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase());
}

function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, '\ufffd');
}

/**
 * Base64 of the secret wherever it begins within a longer encoded text: at each of the three offsets in a group
 * of three bytes, without the characters its neighbours have a part in; in both alphabets.
 */
function base64Forms(secret: string): string[] {
  const bytes = encoder.encode(secret);
  const forms: string[] = [];
  for (let offset = 0; offset < 3; offset++) {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const text = base64(padded).replace(/=+$/, '');
    const end = padded.length % 3 === 0 ? text.length : text.length - 1;
    const form = text.slice([0, 2, 3][offset], end);
    forms.push(form);
    if (/[+/]/.test(form)) forms.push(form.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

/**
 * Strings that say who did what to which: a client that sends one of them as its "password" must not be able to hide what
 * it did. A secret that an application itself puts there is for names, patterns and pointers to find.
 */
const EXEMPT: ReadonlySet<string> = new Set([
  '/operation',
  '/resource/type',
  '/resource/id',
  '/resource/name',
  '/actor/type',
  '/actor/id',
  '/actor/ip',
]);

/**
 * `event` with every secret of the set masked wherever it appears, and masked in the pointers themselves. Adds to
 * `pointers`.
 *
 * @param cut pointers to what was cut
 */
export function maskSameEvent(
  event: JsonObject,
  secrets: SecretSet,
  pointers: Set<string>,
  cut: Set<string>,
): JsonObject {
  const masker = maskerFor(event, secrets);
  if (masker === null) return event;
  const mask = (text: string) => (isReplacement(text) ? text : masker(text));
  maskPointers(pointers, mask);
  maskPointers(cut, mask);
  return maskValue(event, '', mask, pointers) as JsonObject;
}

/** A pointer is made of keys, and a key can hold a secret too. */
function maskPointers(pointers: Set<string>, mask: (text: string) => string): void {
  for (const pointer of [...pointers]) {
    const masked = pointer
      .split('/')
      .map((token) => pointerToken(mask(pointerKey(token))))
      .join('/');
    if (masked === pointer) continue;
    pointers.delete(pointer);
    pointers.add(masked);
  }
}

function maskValue(
  value: JsonValue,
  path: string,
  mask: (text: string) => string,
  pointers: Set<string>,
): JsonValue {
  if (typeof value === 'string') {
    if (EXEMPT.has(path) || path.startsWith('/trace/')) return value;
    const masked = mask(value) || REDACTED;
    if (masked !== value && value !== '') pointers.add(path);
    return value === '' ? value : masked;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((item: JsonValue, i) => maskValue(item, `${path}/${i}`, mask, pointers));
  const members = new Map<string, JsonValue>();
  for (const [key, item] of Object.entries(value as JsonObject)) {
    if (item === undefined) continue;
    let name = path.startsWith('/data') ? mask(key) : key;
    for (let count = 2; name !== key && members.has(name); count++) name = `${mask(key)}~${count}`;
    members.set(name, maskValue(item, `${path}/${pointerToken(name)}`, mask, pointers));
  }
  return Object.fromEntries(members);
}
