// Whether a slot's entry ends where the slot says: no signature covers that, and readers go by it.
import { join } from 'node:path';
import { parseCheckpoint } from '../../note/checkpoint.ts';
import { parseNote } from '../../note/note.ts';
import { openFound, readFully } from './found-file.ts';
import { ENTRIES_DIRECTORY, segmentFirst } from './layout.ts';
import type { Slot } from './slot.ts';

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Counts the lines before the offset. True also where the segment is no plain file: nobody goes by an offset then. */
export async function endsAtItsOffset(directory: string, slot: Slot): Promise<boolean> {
  const size = sizeOf(slot.note);
  const first = segmentFirst(slot.segment);
  if (size === null || first === null) return true;
  const file = await openFound(join(directory, ENTRIES_DIRECTORY, slot.segment));
  if (file === null) return true;
  try {
    let lines = 0;
    let last: number | undefined = NEWLINE;
    for (let position = 0; position < slot.offset; ) {
      const chunk = await readFully(file, position, Math.min(CHUNK_BYTES, slot.offset - position));
      if (chunk.length === 0) return false;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
      last = chunk.at(-1);
      position += chunk.length;
    }
    return last === NEWLINE && first + lines === size;
  } finally {
    await file.close();
  }
}

/** Null where the note is none: that is told elsewhere. */
function sizeOf(note: string): number | null {
  try {
    return parseCheckpoint(parseNote(note).text).size;
  } catch {
    return null;
  }
}
