// Pruned logs: the lines of kept.jsonl against tree/0, and whether the log itself says what was pruned.
import { readEntry } from '../event/entry.ts';
import type { Entry } from '../event/model.ts';
import type { Hasher } from '../merkle/hasher.ts';
import type { Findings } from './findings.ts';
import { reportAbsent } from './report-lines.ts';
import type { LogSource } from './source.ts';
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
