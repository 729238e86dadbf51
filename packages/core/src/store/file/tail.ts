// Looking at the ends of the active segment, so that opening costs its last lines and not the whole of it.

import { MAX_ENTRY_BYTES } from '../../event/model.ts';
import type { DiskFile } from './disk.ts';
import type { Segment } from './segment.ts';

const CHUNK = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Finds, from the committed `offset` backwards, where entry `seq` of a log of `size` entries begins, and marks it in the
 * segment, so that reads from there on need not start at its first byte. Nothing is marked where the segment holds fewer
 * lines than it should: whoever reads then finds out.
 */
export async function markTail(segment: Segment, offset: number, size: number, seq: number): Promise<void> {
  let wanted = size - seq + 1; // newlines to meet, the one that ends the line before included
  for (let end = offset; end > 0; ) {
    const start = Math.max(0, end - CHUNK);
    const bytes = Buffer.from(await segment.file.read(start, end - start));
    for (
      let at = bytes.lastIndexOf(NEWLINE);
      at >= 0;
      at = at === 0 ? -1 : bytes.lastIndexOf(NEWLINE, at - 1)
    ) {
      if (--wanted === 0) return segment.mark(seq, start + at + 1);
    }
    end = start;
  }
}

/**
 * True where the bytes past the commit end in a whole `log.close` entry. They are not authenticated, so this is never a
 * reason to believe them; it is a reason not to set them aside as if a power cut had left them.
 */
export async function endsInClose(file: DiskFile, offset: number): Promise<boolean> {
  const size = await file.size();
  const from = Math.max(offset, size - MAX_ENTRY_BYTES - 1);
  const lines = Buffer.from(await file.read(from, size - from))
    .toString('utf8')
    .split('\n');
  return lines.at(-1) === '' && fieldOf(lines.at(-2) ?? '', 'type') === 'log.close';
}

/** `time` of the segment's first entry in milliseconds since the epoch; undefined where it has none. */
export async function startTime(file: DiskFile, offset: number): Promise<number | undefined> {
  const head = Buffer.from(await file.read(0, Math.min(offset, MAX_ENTRY_BYTES + 1))).toString('utf8');
  const time = fieldOf(head.slice(0, head.indexOf('\n')), 'time');
  return typeof time === 'string' ? Date.parse(time) : undefined;
}

function fieldOf(line: string, name: string): unknown {
  try {
    return (JSON.parse(line) as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
