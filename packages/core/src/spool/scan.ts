// Reads what stands in a file of the spool, line by line, in bounded memory.
import { MAX_SPOOL_LINE } from './layout.ts';
import type { SpoolFile } from './spool-file.ts';

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;

/** A line without its newline. */
export interface ScannedLine {
  readonly bytes: Uint8Array;
  /** Where it begins. */
  readonly offset: number;
  /** Where the next one would. */
  readonly end: number;
  /** False for what stands behind the last newline: a write that was cut short. */
  readonly whole: boolean;
}

/**
 * Lines from `from` on. What is longer than any line (a power cut can leave holes and zeros) comes in pieces of
 * `MAX_SPOOL_LINE`, each of which is none.
 */
export async function* scanLines(file: SpoolFile, from: number): AsyncIterable<ScannedLine> {
  let rest = Buffer.alloc(0);
  let offset = from;
  for (let at = from; ; ) {
    const chunk = await file.read(at, CHUNK);
    if (chunk.length === 0) break;
    at += chunk.length;
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE, start)) {
      for (; end - start > MAX_SPOOL_LINE; start += MAX_SPOOL_LINE) yield piece(rest, start, offset);
      yield { bytes: rest.subarray(start, end), offset: offset + start, end: offset + end + 1, whole: true };
      start = end + 1;
    }
    for (; rest.length - start > MAX_SPOOL_LINE; start += MAX_SPOOL_LINE) yield piece(rest, start, offset);
    rest = rest.subarray(start);
    offset += start;
  }
  if (rest.length > 0) yield { bytes: rest, offset, end: offset + rest.length, whole: false };
}

function piece(rest: Buffer, start: number, offset: number): ScannedLine {
  const end = start + MAX_SPOOL_LINE;
  return { bytes: rest.subarray(start, end), offset: offset + start, end: offset + end, whole: true };
}
