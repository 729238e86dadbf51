// Strings and their bytes. Imports nothing.

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NON_ASCII = /[^\0-\x7f]/;
const LONE_SURROGATES = /[\ud800-\udfff]/gu;

/** How many bytes `text` has in UTF-8. Lone surrogates count as U+FFFD. */
export function utf8Length(text: string): number {
  return NON_ASCII.test(text) ? encoder.encode(text).length : text.length;
}

/** ECMAScript 2024; engines without it are served by the pattern. */
interface Checked {
  isWellFormed?(): boolean;
}

/** `text` with every lone surrogate replaced by U+FFFD. */
export function wellFormed(text: string): string {
  // The engine knows at once of a string whose characters are bytes that no surrogate is in it.
  const known = (text as Checked).isWellFormed?.() ?? !NON_ASCII.test(text);
  return known ? text : text.replace(LONE_SURROGATES, '\ufffd');
}

/** The longest beginning of `text` of at most `limit` UTF-8 bytes that does not split a code point. */
export function utf8Prefix(text: string, limit: number): string {
  if (text.length <= limit && utf8Length(text) <= limit) return text;
  // A UTF-16 unit has at least one byte, so no more than `limit` units can fit.
  const bytes = encoder.encode(text.slice(0, limit));
  let end = Math.min(limit, bytes.length);
  while (end > 0 && end < bytes.length && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  const prefix = decoder.decode(bytes.subarray(0, end));
  // Slicing may have split a pair at the very end: that half became U+FFFD and is not part of the text.
  return text.startsWith(prefix) ? prefix : prefix.slice(0, -1);
}

/** One step of a JSON Pointer, RFC 6901 §3. */
export function pointerToken(key: string): string {
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

/** The key behind one step of a JSON Pointer. */
export function pointerKey(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
