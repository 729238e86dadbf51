// JSON values as canonical text: RFC 8785 (JCS). Imports types only.
import type { JsonObject, JsonValue } from './model.ts';

/** Deeper values are refused rather than risking the stack; an entry is never this deep. */
const MAX_DEPTH = 1_000;

/** Strings up to this length are scanned here; for longer ones the engine's own serializer is faster. */
const SCAN_LENGTH = 64;

/** A surrogate without its partner: with the `u` flag a pair is one code point and never matches. */
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/**
 * The canonical text of a JSON value, RFC 8785: no white space, members sorted by the UTF-16 code units of
 * their names (§3.2.3), strings and numbers as ECMAScript writes them (§3.2.2). Members that are `undefined`
 * are left out.
 *
 * @throws TypeError on what JSON cannot hold: NaN, infinities, lone surrogates (§3.2.2.2), functions, …;
 *   pass such values through `toJson` first
 * @throws RangeError on values nested deeper than 1,000 levels
 */
export function canonicalize(value: JsonValue): string {
  return write(value, 0);
}

function write(value: JsonValue, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      // §3.2.2.3: ECMAScript's own number-to-string is the canonical one; it also turns -0 into 0.
      if (value - value !== 0) throw new TypeError(`canonicalize: ${value} is not a JSON number`);
      return `${value}`;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth >= MAX_DEPTH) throw new RangeError(`canonicalize: nested deeper than ${MAX_DEPTH} levels`);
      return Array.isArray(value)
        ? writeArray(value, depth + 1)
        : writeObject(value as JsonObject, depth + 1);
    default:
      throw new TypeError(`canonicalize: a ${typeof value} is not a JSON value`);
  }
}

function writeArray(items: readonly JsonValue[], depth: number): string {
  if (items.length === 0) return '[]';
  let text = '[';
  for (let i = 0; i < items.length; i++) {
    if (i > 0) text += ',';
    text += write(items[i] as JsonValue, depth);
  }
  return `${text}]`;
}

function writeObject(object: JsonObject, depth: number): string {
  const keys = Object.keys(object);
  if (!isSorted(keys)) keys.sort();
  let text = '{';
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const value = object[key];
    if (value === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${quote(key)}:${write(value, depth)}`;
  }
  return `${text}}`;
}

// `<` on strings compares UTF-16 code units, which is the order §3.2.3 asks for; `sort()` does the same.
function isSorted(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i++) {
    if ((keys[i] as string) < (keys[i - 1] as string)) return false;
  }
  return true;
}

/** A string as a JSON string, RFC 8785 §3.2.2.2. */
export function quote(text: string): string {
  if (text.length <= SCAN_LENGTH) {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return quoteAny(text);
    }
    return `"${text}"`;
  }
  return quoteAny(text);
}

// JSON.stringify escapes exactly what §3.2.2.2 says, with lower-case hex; only lone surrogates differ, which it
// escapes and JCS refuses.
function quoteAny(text: string): string {
  if (LONE_SURROGATE.test(text)) throw new TypeError('canonicalize: a string holds a lone surrogate');
  return JSON.stringify(text);
}
