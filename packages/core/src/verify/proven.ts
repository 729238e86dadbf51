// The entries fold to the newest signed root, with stored hashes in the place of those that were not read.
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
import type { Pass } from './pass.ts';
import { ownEntries } from './scan.ts';
import { checkTree } from './tiles.ts';

/** What is left to say: what entries say that they should not, what could not be read, and the stored tree. */
export async function examineProven(examination: Examination, pass: Pass): Promise<Outcome> {
  const { source, findings, size, minimum } = examination;
  const { fold, observations, regions, leaves, storedEnd } = pass;
  for (const one of observations) reportObservation(one, true, findings);
  for (const range of pass.damaged) reportDamaged(range, findings);
  reportAbsentRanges(pass.absent, findings);
  reportExtra(regions, examination);
  reportPending(regions, examination);
  const wrongAt = regions.find(({ differsAt }) => differsAt !== null)?.differsAt ?? null;
  await checkTree(source, fold, { size, minimum, wrongAt, storedEnd }, findings);
  await finishProven(examination, ownEntries(observations), fold.roots);
  return {
    roots: fold.roots,
    leaves,
    tail: tailOf(regions, examination, pass),
    explainedFrom: Number.POSITIVE_INFINITY,
  };
}
