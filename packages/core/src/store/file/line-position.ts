// Finding a line in a segment file from a line whose place is known. Reads only.
import type { FileHandle } from 'node:fs/promises';

const CHUNK = 64 * 1024;
const NEWLINE = 0x0a;

/** In the segment whose first entry is `first`, entry `seq` begins at byte `offset`. */
export interface LinePosition {
  readonly first: number;
  readonly seq: number;
  readonly offset: number;
}

/** The line `count` before `position`, found by reading backwards; the start of the file where there are fewer. */
export async function stepBack(
  file: FileHandle,
  position: LinePosition,
  count: number,
): Promise<LinePosition> {
  const { first, seq } = position;
  if (count === 0) return position;
  let lines = count;
  // The newline before `position` ends the line just before it, and is not the one searched for.
  for (let end = position.offset - 1; end > 0; ) {
    const start = Math.max(0, end - CHUNK);
    const bytes = await readAt(file, start, end - start);
    for (
      let at = bytes.lastIndexOf(NEWLINE);
      at !== -1;
      at = at === 0 ? -1 : bytes.lastIndexOf(NEWLINE, at - 1)
    ) {
      lines -= 1;
      if (lines === 0) return { first, seq: seq - count, offset: start + at + 1 };
    }
    end = start;
  }
  return { first, seq: first, offset: 0 };
}

/** A whole line, and where the next one begins. */
export interface Line {
  readonly seq: number;
  readonly text: string;
  readonly offset: number;
}

/** Whole lines from `position` to the end of the file. */
export async function* linesBetween(file: FileHandle, position: LinePosition): AsyncGenerator<Line> {
  let { seq, offset } = position;
  let rest = Buffer.alloc(0);
  for (let read = offset; ; ) {
    const chunk = await readAt(file, read, CHUNK);
    if (chunk.length === 0) return;
    read += chunk.length;
    const bytes = Buffer.concat([rest, chunk]);
    let line = 0;
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, line)) {
      offset += at + 1 - line;
      yield { seq, text: bytes.toString('utf8', line, at), offset };
      line = at + 1;
      seq += 1;
    }
    rest = bytes.subarray(line);
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
