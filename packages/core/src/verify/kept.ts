// Pruned logs: the lines of kept.jsonl against tree/0, and whether the log itself says what was pruned and what was kept.
import { readEntry } from '../event/entry.ts';
import { commitToKept, isKeptEntry, type KeptCommitment } from '../event/kept.ts';
import { type Entry, MAX_ENTRY_BYTES } from '../event/model.ts';
import type { Hasher } from '../merkle/hasher.ts';
import type { Findings } from './findings.ts';
import { LineSplitter } from './lines.ts';
import { reportAbsent } from './report-lines.ts';
import type { LogSource, SegmentSource } from './source.ts';
import type { StoredLeaves } from './stored-leaves.ts';

/** A line of `kept.jsonl` with its place in it. */
export interface KeptLine {
  readonly index: number;
  readonly text: string;
  readonly entry: Entry | null;
}

export async function readKept(source: LogSource): Promise<KeptLine[]> {
  const lines = new Map<string, KeptLine>();
  let index = -1;
  for await (const text of source.kept()) {
    index++;
    // The same line again says nothing new.
    if (lines.has(text)) continue;
    const read = readEntry(text);
    lines.set(text, { index, text, entry: 'entry' in read ? read.entry : null });
  }
  return [...lines.values()];
}

/** A kept line must hash to `tree/0` at its number. Returns the entries that do. */
export async function checkKept(
  lines: readonly KeptLine[],
  stored: StoredLeaves,
  hasher: Hasher,
  findings: Findings,
): Promise<Entry[]> {
  const genuine: Entry[] = [];
  for (const { index, text, entry } of lines) {
    if (entry === null) {
      findings.add('entry-malformed', null, `Line ${index + 1} of kept.jsonl is not an entry.`);
    } else if ((await stored.run(entry.seq, entry.seq + 1)) !== hasher.leaf(text)) {
      const { id } = entry;
      findings.add(
        'entry-modified',
        entry.seq,
        `Line ${index + 1} of kept.jsonl is not entry ${entry.seq}.`,
        { id },
      );
    } else {
      genuine.push(entry);
    }
  }
  return genuine;
}

/**
 * What stands before the first segment: pruned as far as `log.prune` says, missing where it does not.
 * `entries`: those in which the log tells of itself; they must be genuine.
 */
export function checkPruned(minimum: number, entries: readonly Entry[], findings: Findings): void {
  const pruned = entries
    .filter(({ type }) => type === 'log.prune')
    .reduce((end, { data }) => Math.max(end, typeof data?.to === 'number' ? data.to : 0), 0);
  const end = Math.min(pruned, minimum);
  if (end > 0) {
    findings.add(
      'pruned',
      { from: 0, to: end },
      `Entries before ${end} were pruned; their hashes are under the root.`,
    );
    const created = entries.some(({ type, seq }) => type === 'log.create' && seq === 0);
    if (!created) findings.add('entry-missing', 0, 'The log.create entry must be kept, and is not there.');
  }
  if (end < minimum) reportAbsent(end, minimum, findings);
}

/** What is there to be held against a `log.prune`. */
export interface KeptState {
  readonly lines: readonly KeptLine[];
  /** Entries of the lines that are what they say. */
  readonly genuine: readonly Entry[];
  readonly segments: readonly SegmentSource[];
  readonly minimum: number;
}

/**
 * The newest `log.prune` says what of everything before its `to` stays: so many lines, and these. Where it is not done
 * yet, some of them still stand in segments. `entries`: genuine ones in which the log tells of itself.
 */
export async function checkCommitment(
  { lines, genuine, segments, minimum }: KeptState,
  entries: readonly Entry[],
  hasher: Hasher,
  findings: Findings,
): Promise<void> {
  const newest = entries.reduce<Entry | null>(
    (found, entry) => (commitmentOf(entry) !== null && entry.seq > (found?.seq ?? -1) ? entry : found),
    null,
  );
  if (newest === null) return;
  const to = newest.data!.to as number;
  const { count, sha256 } = commitmentOf(newest)!;
  const seqs = new Set(genuine.map(({ seq }) => seq));
  const stands = new Map<number, string>();
  for (const { text, entry } of lines) {
    if (entry !== null && entry.seq < to && seqs.has(entry.seq)) stands.set(entry.seq, text);
  }
  for (const text of await keptInSegments(segments, minimum, to)) {
    const read = readEntry(text);
    if ('entry' in read) stands.set(read.entry.seq, text);
  }
  const texts = [...stands].sort(([a], [b]) => a - b).map(([, text]) => text);
  if (commitToKept(hasher, texts).sha256 === sha256) return;
  // Lines that are not what they say were told one by one: each stands for one that is not there.
  const found = texts.length + lines.length - genuine.length;
  if (found === count && texts.length < count) return;
  const code = found > count ? 'entry-inserted' : 'entry-missing';
  const message = `log.prune at ${newest.seq} says that ${count} entries before ${to} were kept; ${found} lines are there, and not those.`;
  findings.add(code, { from: 0, to }, message);
}

function commitmentOf({ type, data }: Entry): KeptCommitment | null {
  const kept = type === 'log.prune' ? (data?.kept as Partial<KeptCommitment> | null | undefined) : null;
  const whole =
    typeof kept?.count === 'number' && typeof kept.sha256 === 'string' && typeof data?.to === 'number';
  return whole ? (kept as KeptCommitment) : null;
}

/** Entries `from` ≤ seq < `to` that are to be kept and were not moved yet. */
async function keptInSegments(
  segments: readonly SegmentSource[],
  from: number,
  to: number,
): Promise<string[]> {
  const texts: string[] = [];
  for (const segment of segments) {
    if (segment.first < from || segment.first >= to) continue;
    const splitter = new LineSplitter(MAX_ENTRY_BYTES);
    const decoder = new TextDecoder();
    for await (const chunk of segment.read()) {
      if (!(chunk instanceof Uint8Array)) continue;
      splitter.push(chunk, (block, start, end) => {
        const text = decoder.decode(block.subarray(start, end));
        if (isKeptEntry(text)) texts.push(text);
      });
    }
  }
  return texts;
}
