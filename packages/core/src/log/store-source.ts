// Any store as verification reads a log: one segment, as it stood at one checkpoint.
import type { AuditStore } from '../store/store.ts';
import type { DamagedRange, FoundNote, LogSource, SegmentSource } from '../verify/source.ts';

/** Entries handed on in one chunk. */
const ENTRIES_A_CHUNK = 256;

export interface SourceHead {
  readonly size: number;
  readonly note: string | null;
}

/** What stood under `head`: entries that were committed since are not part of it. */
export function storeSource(store: AuditStore, head: SourceHead, location: string, vkey: string): LogSource {
  const segment: SegmentSource = {
    first: 0,
    name: location,
    bytes: 0,
    read: (from = 0) => lines(store, from, head.size),
  };
  return {
    location,
    notes: () => notes(store, head.note),
    torn: async () => [],
    segments: async () => (head.size === 0 ? [] : [segment]),
    hashes: async (level, from, to) => {
      const width = Math.floor(head.size / 256 ** level);
      return Buffer.from((await store.hashes(level, from, Math.min(to, width))).join(''), 'hex');
    },
    kept: () => none(),
    vkeys: async () => [vkey],
  };
}

async function* lines(store: AuditStore, from: number, to: number): AsyncIterable<Uint8Array | DamagedRange> {
  let chunk: string[] = [];
  for await (const { text } of store.entries(from, to)) {
    chunk.push(text, '\n');
    if (chunk.length < 2 * ENTRIES_A_CHUNK) continue;
    yield Buffer.from(chunk.join(''));
    chunk = [];
  }
  if (chunk.length > 0) yield Buffer.from(chunk.join(''));
}

/** The newest note stands where a file store has its slot; the others are for bisecting. */
async function* notes(store: AuditStore, newest: string | null): AsyncIterable<FoundNote> {
  if (newest === null) return;
  let index = 0;
  for await (const text of store.notes()) {
    if (text === newest) break;
    yield { place: 'checkpoints', index: index++, text };
  }
  yield { place: 'slot', index: 0, text: newest };
}

async function* none(): AsyncIterable<string> {}
