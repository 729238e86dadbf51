// A log directory as retention looks at one: read, not opened, so that it may belong to a running service. Changes nothing.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Entry, type PruneReport, parseEntry, type StoredSegment } from '@audit/core';
import {
  COMMIT_FILE,
  decodeSlot,
  type LogReader,
  openLogReader,
  SLOT_BYTES,
  segmentFirst,
} from '@audit/core/internal';
import type { RetainedLog } from '@audit/policy';
import { CommandError } from '../exit.ts';

/**
 * For dry runs and requests.
 * @throws CommandError where nothing is committed yet
 */
export async function readLog(directory: string): Promise<RetainedLog> {
  const reader = await openLogReader(directory);
  const head = await reader.head();
  if (head === null) throw new CommandError(`${directory} holds no entries yet: there is nothing to prune.`);
  const { origin, size, root, note } = head;
  const [vkey = ''] = await reader.vkeys();
  return {
    origin,
    info: () => ({
      ...{ origin, size, vkey, checkpoint: note, location: reader.directory },
      root: Buffer.from(root, 'hex').toString('base64'),
    }),
    segments: () => segmentsOf(reader, size),
    entries: ({ from = 0, to = size } = {}) => entriesOf(reader, from, to),
    prune: async ({ to }) => wouldGo(await segmentsOf(reader, size), to),
  };
}

/** Sealed is what is compressed already, or what neither slot of `commit` names any more. */
async function segmentsOf(reader: LogReader, size: number): Promise<StoredSegment[]> {
  const sealedBefore = await firstNamed(reader.directory);
  const segments = (await reader.segments()).filter(({ first }) => first < size);
  return segments.map(({ name, first, bytes }, i) => ({
    ...{ name, first, bytes, entries: (segments[i + 1]?.first ?? size) - first },
    sealed: name.endsWith('.gz') || first < sealedBefore,
  }));
}

/** The first segment a slot names; a slot that cannot be read may have named any. */
async function firstNamed(directory: string): Promise<number> {
  const bytes = await readFile(join(directory, COMMIT_FILE)).catch(() => Buffer.alloc(0));
  const slots = [bytes.subarray(0, SLOT_BYTES), bytes.subarray(SLOT_BYTES)].map(decodeSlot);
  return Math.min(...slots.map((one) => (one.state === 'good' ? (segmentFirst(one.slot.segment) ?? 0) : 0)));
}

async function* entriesOf(reader: LogReader, from: number, to: number): AsyncIterable<Entry> {
  for await (const { text } of reader.entries(from, to)) yield parseEntry(text);
}

function wouldGo(all: readonly StoredSegment[], to: number): PruneReport {
  const segments = all.filter(({ first, entries }) => first + entries <= to);
  const from = all[0]?.first ?? 0;
  const last = segments.at(-1);
  const end = last === undefined ? from : last.first + last.entries;
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  return { from, to: end, entries: end - from, bytes, segments, kept: 0, seq: null };
}
