// What an examination of the entries works on, what it answers, and what its three ways have in common.
import type { Entry } from '../event/model.ts';
import type { Hash, Hasher } from '../merkle/hasher.ts';
import { type ComputedRoots, checkOwnNotes, checkRotations } from './check-notes.ts';
import type { Findings } from './findings.ts';
import { checkCommitment, checkKept, checkPruned, type KeptLine } from './kept.ts';
import type { SignedNote } from './notes.ts';
import type { VerifyOptions } from './options.ts';
import type { AbsentRange, Pass, RegionState } from './pass.ts';
import { reportAbsent, reportTruncated } from './report-lines.ts';
import type { LogSource, SegmentSource } from './source.ts';
import { StoredLeaves } from './stored-leaves.ts';
import { tellOwnLife } from './told.ts';
import type { Trusted } from './trusted.ts';

export interface Examination {
  readonly source: LogSource;
  readonly options: VerifyOptions;
  readonly hasher: Hasher;
  readonly segments: readonly SegmentSource[];
  readonly kept: readonly KeptLine[];
  /** Every note that counts, the caller's included. */
  readonly notes: readonly SignedNote[];
  readonly trusted: Trusted;
  readonly findings: Findings;
  /** The newest note of the log itself, and the entries it was signed over; Infinity where there is none. */
  readonly head: SignedNote | undefined;
  readonly size: number;
  /** The first entry the log still holds. */
  readonly minimum: number;
}

export interface Outcome extends ComputedRoots {
  /** Leaf hashes of the entries receipts were given for. */
  readonly leaves: ReadonlyMap<number, Hash>;
  /** Lines past the signed end. */
  readonly tail: number;
}

/** Sizes at which a root is wanted. */
export function wantedSizes({ notes, size }: Examination): number[] {
  return notes.flatMap((note) => (note.size <= size ? [note.size] : []));
}

export function reportAbsentRanges(absent: readonly AbsentRange[], findings: Findings): void {
  for (const { from, to, where } of absent) {
    // What stands before the first segment was pruned, or not: `checkPruned` knows.
    if (where === 'end') reportTruncated(from, to, findings);
    else if (where !== 'before') reportAbsent(from, to, findings);
  }
}

/** Lines and bytes between the last entry of a segment and the first of the next. */
export function reportExtra(regions: readonly RegionState[], { size, findings }: Examination): void {
  for (const { to, extra, segment } of regions) {
    if (to >= size || extra === 0) continue;
    findings.add('entry-inserted', to, `Lines that were never signed end ${segment.name}: ${extra}.`);
  }
}

export function reportPending(regions: readonly RegionState[], { size, findings }: Examination): void {
  for (const { to, pending, segment } of regions) {
    if (to >= size || pending === 0) continue;
    findings.add('entry-malformed', to, `Bytes that are no whole line end ${segment.name}: ${pending}.`);
  }
}

/** Lines past the signed end, an unfinished one included. */
export function tailOf(regions: readonly RegionState[], { size }: Examination, pass: Pass): number {
  const cut = pass.absent.some(({ where }) => where === 'end');
  return regions
    .filter(({ to }) => to >= size)
    .reduce((sum, { extra, pending }) => sum + extra + (pending > 0 && !cut ? 1 : 0), 0);
}

/**
 * What the tree under `roots` proves beside the entries: kept lines, the other notes, and what the log says of its
 * own life. `entries`: genuine ones in which it does.
 */
export async function finishProven(
  examination: Examination,
  entries: readonly Entry[],
  roots: ReadonlyMap<number, Hash>,
): Promise<void> {
  const { source, kept, hasher, findings, notes, segments, minimum } = examination;
  const genuine = await checkKept(kept, new StoredLeaves(source), hasher, findings);
  const own = [...genuine.filter(({ seq }) => seq < minimum), ...entries];
  tellPruned(examination, own);
  if (hasPruned(examination)) {
    await checkCommitment({ lines: kept, genuine, segments, minimum }, own, hasher, findings);
  }
  tellOwnLife(own, findings);
  checkOwnNotes(notes, roots, findings);
  checkRotations(notes, own, findings);
}

export function tellPruned(examination: Examination, entries: readonly Entry[]): void {
  if (hasPruned(examination)) checkPruned(examination.minimum, entries, examination.findings);
}

/** A period that begins behind what was pruned has nothing to do with it. */
function hasPruned({ minimum, options }: Examination): boolean {
  return minimum > 0 && (options.from ?? 0) < minimum;
}
