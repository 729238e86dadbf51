// What an alignment means, as findings.
import type { Alignment } from './align.ts';
import type { Findings } from './findings.ts';
import type { FoundLine } from './region.ts';

/** Adds a finding for every line that is not as expected; `from` is the entry the alignment begins at. */
export function reportAlignment(
  { modified, inserted, reordered }: Alignment,
  from: number,
  lineAt: (found: number) => FoundLine | null,
  findings: Findings,
): void {
  for (const one of modified) {
    const seq = from + one.expected;
    const line = lineAt(one.found);
    findings.add('entry-modified', seq, `Entry ${seq} is not the one that was signed.`, idOf(line));
    reportMalformed(line, seq, findings);
  }
  for (const one of inserted) {
    const seq = from + one.before;
    const line = lineAt(one.found);
    const what = line === null ? 'A second copy of an entry' : 'A line that was never signed';
    findings.add('entry-inserted', seq, `${what} stands before entry ${seq}.`, idOf(line));
    reportMalformed(line, seq, findings);
  }
  for (const one of reordered) {
    const seq = from + one.expected;
    const line = lineAt(one.found);
    findings.add('entry-reordered', seq, `Entry ${seq} is there, but not in its place.`, idOf(line));
  }
}

/** Adds missing entries, runs of them as ranges. What is missing up to `signedEnd` was cut off there. */
export function reportMissing(seqs: readonly number[], signedEnd: number | null, findings: Findings): void {
  for (let i = 0; i < seqs.length; ) {
    const from = seqs[i]!;
    let to = from;
    while (i < seqs.length && seqs[i] === to) {
      to++;
      i++;
    }
    if (to === signedEnd) reportTruncated(from, to, findings);
    else reportAbsent(from, to, findings);
  }
}

export function reportAbsent(from: number, to: number, findings: Findings): void {
  const one = to === from + 1;
  const what = one ? `Entry ${from} is` : `Entries ${from} to ${to - 1} are`;
  findings.add('entry-missing', one ? from : { from, to }, `${what} not there.`);
}

export function reportTruncated(from: number, to: number, findings: Findings): void {
  findings.add(
    'truncated',
    { from, to },
    `The log ends after ${from} entries; its checkpoint was signed over ${to}.`,
  );
}

export function reportMalformed(line: FoundLine | null, seq: number, findings: Findings): void {
  if (line?.problem === undefined) return;
  findings.add('entry-malformed', seq, `What stands in the place of entry ${seq} is ${line.problem}.`);
}

function idOf(line: FoundLine | null): { id?: string } {
  return line?.entry ? { id: line.entry.id } : {};
}
