// A batch as it stands in a segment: one entry a line, UTF-8.

const NEWLINE = 0x0a;

/** Each entry is written straight to its place: joining them first would copy all of them twice more. */
export function encodeLines(entries: readonly string[]): Uint8Array {
  let length = entries.length;
  for (const entry of entries) length += Buffer.byteLength(entry);
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const entry of entries) {
    at += bytes.write(entry, at);
    bytes[at++] = NEWLINE;
  }
  return bytes;
}
