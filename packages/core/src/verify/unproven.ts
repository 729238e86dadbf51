// Neither the entries nor tree/0 fold to the signed root: what an older root proves, and behind it the chain alone.
import { followChain } from './chain.ts';
import { reportDamaged, reportObservation } from './check-entries.ts';
import { checkRotations, lastMatch, reportRootMismatch } from './check-notes.ts';
import {
  type Examination,
  type Outcome,
  reportAbsentRanges,
  reportPending,
  tellPruned,
} from './examination.ts';
import { Findings } from './findings.ts';
import { isOwn } from './notes.ts';
import type { Pass } from './pass.ts';
import { ownEntries } from './scan.ts';
import { checkTree } from './tiles.ts';
import { tellOwnLife } from './told.ts';
import type { TreeFold } from './tree.ts';

export async function examineUnproven(
  examination: Examination,
  pass: Pass,
  stored: TreeFold,
): Promise<Outcome> {
  const { findings, notes, size, hasher, head, minimum, kept, options } = examination;
  const { roots } = pass.fold;
  const from = lastMatch(notes, roots, Number.POSITIVE_INFINITY);
  for (const one of pass.observations) {
    if (one.seq < from) reportObservation(one, true, findings);
  }

  const before = findings.count('tampered');
  for (const range of pass.damaged) reportDamaged(range, findings);
  reportAbsentRanges(
    pass.absent.filter(({ where }) => where === 'between' || pass.regions.length === 0),
    findings,
  );
  const request = { regions: pass.regions, from, size, hasher, signal: options.signal };
  const tail = await followChain(request, findings);
  reportPending(pass.regions, examination);
  await reportPrunedTree(examination, stored, pass);
  const located = findings.count('tampered') > before;

  const keptEntries = kept.flatMap(({ entry }) => (entry !== null && entry.seq < minimum ? [entry] : []));
  const entries = [...keptEntries, ...ownEntries(pass.observations)];
  tellPruned(examination, entries);
  tellOwnLife(entries, findings);
  checkRotations(
    notes,
    entries.filter(({ seq }) => seq < from),
    findings,
  );

  const failing = notes.filter(
    (note) => isOwn(note) && roots.has(note.size) && roots.get(note.size) !== note.root,
  );
  const firstFailing = failing.reduce((least, note) => Math.min(least, note.size), size);
  // With a signed root, something is wrong for certain, even where the chain shows no break.
  if (head !== undefined && !located)
    reportRootMismatch(Math.min(from, firstFailing), firstFailing, findings);
  return { roots, leaves: pass.leaves, tail, explainedFrom: firstFailing };
}

/** Below the first entry still there, the stored tree is all that is left to check. */
async function reportPrunedTree(examination: Examination, stored: TreeFold, pass: Pass): Promise<void> {
  const { source, size, minimum, findings } = examination;
  if (minimum === 0) return;
  const found = new Findings();
  await checkTree(source, stored, { size, minimum, wrongAt: null, storedEnd: pass.storedEnd }, found);
  for (const { code, seq, message, verdict } of found.list()) {
    if (verdict !== undefined) findings.add(code, seq, message, { verdict });
  }
}
