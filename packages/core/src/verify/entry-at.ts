// One entry by its number, as stored: a lookup for keys, before anything is authenticated.
import { readEntry } from '../event/entry.ts';
import { type Entry, MAX_ENTRY_BYTES } from '../event/model.ts';
import type { KeptLine } from './kept.ts';
import { LineSplitter } from './lines.ts';
import type { SegmentSource } from './source.ts';

/** The entry at `seq`; null where there is none that can be read and says so itself. */
export async function entryAt(
  seq: number,
  segments: readonly SegmentSource[],
  kept: readonly KeptLine[],
): Promise<Entry | null> {
  const segment = segments.findLast(({ first }) => first <= seq);
  const text = segment === undefined ? undefined : await lineAt(segment, seq);
  const read = text === undefined ? { entry: null } : readEntry(text);
  const entry = 'entry' in read ? read.entry : null;
  if (entry?.seq === seq) return entry;
  return kept.find((line) => line.entry?.seq === seq)?.entry ?? null;
}

async function lineAt(segment: SegmentSource, seq: number): Promise<string | undefined> {
  const splitter = new LineSplitter(MAX_ENTRY_BYTES);
  let text: string | undefined;
  for await (const chunk of segment.read(seq)) {
    if (!(chunk instanceof Uint8Array)) return undefined;
    splitter.push(chunk, (block, start, end) => {
      text ??= new TextDecoder().decode(block.subarray(start, end));
    });
    if (text !== undefined) return text;
  }
  return undefined;
}
