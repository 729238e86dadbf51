// The entries do not fold to the signed root but tree/0 does: it is authentic, and says what each entry must be.
import type { Hash } from '../merkle/hasher.ts';
import { reportDamaged, reportObservation } from './check-entries.ts';
import {
  type Examination,
  finishProven,
  type Outcome,
  reportAbsentRanges,
  reportExtra,
  reportPending,
  tailOf,
} from './examination.ts';
import { isSuspect, locateIn } from './locate.ts';
import type { Pass } from './pass.ts';
import { ownEntries } from './scan.ts';
import { StoredLeaves } from './stored-leaves.ts';
import { checkTree } from './tiles.ts';
import type { TreeFold } from './tree.ts';

export async function examineContradicted(
  examination: Examination,
  pass: Pass,
  fold: TreeFold,
): Promise<Outcome> {
  const { source, findings, size, minimum, hasher, options } = examination;
  const { regions, observations } = pass;
  const suspects = regions.filter(isSuspect);
  const others = regions.filter((region) => !isSuspect(region));
  const inSuspect = (seq: number) => suspects.some(({ from, to }) => seq >= from && seq < to);

  for (const one of observations) {
    if (inSuspect(one.seq)) continue;
    // The first entry of a segment was held against the last line of the one before, which may be forged.
    if (one.kind === 'malformed' || !inSuspect(one.seq - 1)) reportObservation(one, true, findings);
  }
  for (const range of pass.damaged) reportDamaged(range, findings);
  const outside = pass.absent.filter(({ where, from }) => where === 'between' || !inSuspect(from));
  reportAbsentRanges(outside, findings);
  reportExtra(others, examination);
  reportPending(regions, examination);
  let tail = tailOf(others, examination, pass);
  for (const region of suspects) {
    options.signal?.throwIfAborted();
    tail += await locateIn(region, size, new StoredLeaves(source), hasher, findings);
  }
  await checkTree(source, fold, { size, minimum, wrongAt: null, storedEnd: null }, findings);
  const genuine = ownEntries(observations).filter(({ seq }) => !inSuspect(seq));
  await finishProven(examination, genuine, fold.roots);
  const leaves = await receiptLeaves(examination);
  return { roots: fold.roots, leaves, tail, explainedFrom: Number.POSITIVE_INFINITY };
}

async function receiptLeaves({ source, trusted, size }: Examination): Promise<Map<number, Hash>> {
  const stored = new StoredLeaves(source);
  const leaves = new Map<number, Hash>();
  for (const { seq } of trusted.receipts) {
    if (seq < size) leaves.set(seq, await stored.run(seq, seq + 1));
  }
  return leaves;
}
