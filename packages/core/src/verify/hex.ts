// Bytes to hexadecimal in bulk. The tree is read in runs of hashes, and verification knows no Buffer.

const DIGITS = new TextEncoder().encode('0123456789abcdef');
/** Characters of a hash. */
export const HASH_DIGITS = 64;

const decoder = new TextDecoder('latin1');

/** Two lower-case digits a byte. */
export function toHex(bytes: Uint8Array): string {
  const text = new Uint8Array(bytes.length * 2);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    text[2 * i] = DIGITS[byte >> 4]!;
    text[2 * i + 1] = DIGITS[byte & 15]!;
  }
  return decoder.decode(text);
}

/** Hash `index` of a run: hashes in hexadecimal, one behind the other. */
export function hashAt(run: string, index: number): string {
  return run.slice(index * HASH_DIGITS, (index + 1) * HASH_DIGITS);
}

/** The index of the first hash in which two runs differ; the shorter one's length where it is the other's start. */
export function firstDifference(a: string, b: string): number {
  const count = Math.min(a.length, b.length) / HASH_DIGITS;
  for (let i = 0; i < count; i++) if (hashAt(a, i) !== hashAt(b, i)) return i;
  return count;
}
