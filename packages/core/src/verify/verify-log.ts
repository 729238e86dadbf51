// Verification from start to end: notes, keys, one pass over the entries, and where that does not hold, the search.
import { nobleHasher } from '../merkle/hasher.ts';
import { hashToBase64 } from '../note/base64.ts';
import { nobleSignatures } from '../note/primitives.ts';
import { checkOutsideNotes, checkReceipts, reportRootMismatch, sortNotes } from './check-notes.ts';
import { examineContradicted } from './contradicted.ts';
import { entryAt } from './entry-at.ts';
import { type Examination, type Outcome, wantedSizes } from './examination.ts';
import { Findings } from './findings.ts';
import { readKept } from './kept.ts';
import { type Keyring, resolveKeys } from './keys.ts';
import { isOwn, newest, placeInWords, type SignedNote, type UnjudgedNote } from './notes.ts';
import type { VerifyOptions } from './options.ts';
import { type Pass, runPass } from './pass.ts';
import { examineProven } from './proven.ts';
import type { ReportedKey, VerifyReport } from './report.ts';
import { segmentScanner } from './scan.ts';
import type { LogSource } from './source.ts';
import { StoredLeaves } from './stored-leaves.ts';
import { TreeFold } from './tree.ts';
import { readTrusted } from './trusted.ts';
import { examineUnproven } from './unproven.ts';

/** Stored leaves folded between two looks at the abort signal. */
const FOLD_STRETCH = 32_768;

/**
 * Verifies a log: every note found, every entry (or those of a period), the tree, and what was trusted before.
 * Rejects only where the log cannot be read at all or `options` are wrong; whatever is wrong with the log is in the
 * report.
 *
 * @throws RangeError `from`, `to`
 * @throws AuditError `NOTE_INVALID` something in `since` is neither checkpoint nor receipt
 */
export async function verifyLog(source: LogSource, options: VerifyOptions = {}): Promise<VerifyReport> {
  assertPeriod(options);
  const trusted = readTrusted(options.since ?? []);
  const findings = new Findings();

  // Notes before the segments they cover: on a log being written both grow.
  const found: UnjudgedNote[] = [...trusted.notes];
  for await (const note of source.notes()) found.push(note);
  for (const torn of await source.torn()) {
    const message = `What stands in ${placeInWords(torn)} was not written to its end, and is not used.`;
    findings.add('slot-torn', null, message);
  }
  const segments = await source.segments();
  const kept = await readKept(source);
  const keyring = await resolveKeys({
    pinned: options.keys ?? [],
    requirePinned: options.requirePinned ?? false,
    vkeys: await source.vkeys(),
    notes: found,
    primitives: options.primitives ?? nobleSignatures,
    entryAt: (seq) => entryAt(seq, segments, kept),
  });
  const notes = sortNotes(keyring, findings);
  const head = newest(notes.filter(isOwn));
  const size = head?.size ?? Number.POSITIVE_INFINITY;
  const hasher = options.hasher ?? nobleHasher;
  const minimum = Math.min(segments[0]?.first ?? 0, size);
  const examination = {
    source,
    options,
    hasher,
    segments,
    kept,
    notes,
    trusted,
    findings,
    head,
    size,
    minimum,
  };

  const pass = await readEntries(examination);
  const outcome = await examine(examination, pass);
  compareWithTrusted(examination, pass, outcome);
  // Where entries are wrong, their ends are too; where none is, such a slot alone makes readers find other entries.
  const misplaced = findings.verdict === 'intact' ? await source.misplaced?.() : undefined;
  for (const place of misplaced ?? []) {
    const message = `Where its last entry ends, ${placeInWords(place)} says wrongly: nothing the writer leaves behind.`;
    findings.add('slot-torn', null, message, { verdict: 'tampered' });
  }
  if (pass.checked === 0 && size > 0 && findings.verdict === 'intact') {
    const message = 'No entry was read, so none was checked.';
    findings.add('unsigned-tail', null, message, { verdict: 'unverifiable' });
  }
  return {
    verdict: findings.verdict,
    size: head?.size ?? 0,
    entriesChecked: pass.checked,
    firstBadSeq: findings.firstBadSeq,
    findings: findings.list(),
    keys: reportKeys(keyring, notes, outcome),
    checkpoint: reportCheckpoint(head),
  };
}

/**
 * A period is read alone while the tree proves the rest; where it does not, everything is read. So it is where the
 * period begins among pruned entries: the one that says that they were pruned may stand anywhere behind.
 */
async function readEntries(examination: Examination): Promise<Pass> {
  const { from = 0, to = Number.POSITIVE_INFINITY } = examination.options;
  const pass = await passOver(examination, from, to);
  const { size, minimum } = examination;
  if (from === 0 && to >= size) return pass;
  return from >= minimum && isProven(examination, pass.fold)
    ? pass
    : passOver(examination, 0, Number.POSITIVE_INFINITY);
}

function passOver(examination: Examination, from: number, to: number): Promise<Pass> {
  const { source, segments, hasher, size, options, trusted } = examination;
  return runPass({
    source,
    segments,
    scan: options.scan ?? segmentScanner(hasher),
    hasher,
    size,
    from,
    to,
    hashesOnly: options.hashesOnly ?? false,
    sizes: wantedSizes(examination),
    leaves: trusted.receipts.map(({ seq }) => seq),
    onProgress: options.onProgress,
    signal: options.signal,
  });
}

function isProven({ head }: Examination, fold: TreeFold): boolean {
  return head !== undefined && fold.roots.get(head.size) === head.root;
}

async function examine(examination: Examination, pass: Pass): Promise<Outcome> {
  if (isProven(examination, pass.fold)) return examineProven(examination, pass);
  const stored = await foldStored(examination);
  if (!isProven(examination, stored)) return examineUnproven(examination, pass, stored);
  const outcome = await examineContradicted(examination, pass, stored);
  // The entries contradict a root that holds: whatever the search missed, this is no intact log.
  const { findings, size } = examination;
  if (findings.verdict !== 'tampered') reportRootMismatch(0, size, findings);
  return outcome;
}

async function foldStored(examination: Examination): Promise<TreeFold> {
  const { source, hasher, size, head, options } = examination;
  const fold = new TreeFold(hasher, wantedSizes(examination));
  if (head === undefined) return fold;
  const stored = new StoredLeaves(source);
  for (let from = 0; from < size; from += FOLD_STRETCH) {
    options.signal?.throwIfAborted();
    const run = await stored.run(from, Math.min(from + FOLD_STRETCH, size));
    if (run === '') break;
    fold.append(run);
  }
  return fold;
}

function compareWithTrusted(examination: Examination, pass: Pass, outcome: Outcome): void {
  const { notes, trusted, findings, head, minimum } = examination;
  const size = head?.size ?? minimum + pass.checked;
  checkOutsideNotes(notes, outcome, size, findings);
  checkReceipts(trusted.receipts, outcome.leaves, size, findings);
  if (head !== undefined && outcome.tail > 0) {
    const message = 'Entries past the newest checkpoint; on a log being written they are the next batch.';
    findings.add('unsigned-tail', { from: size, to: size + outcome.tail }, message);
  }
}

/** Keys that were given, and keys that signed something. A certified key counts as pinned once its note holds. */
function reportKeys({ known }: Keyring, notes: readonly SignedNote[], { roots }: Outcome): ReportedKey[] {
  const signed = new Set(notes.flatMap(({ signedBy }) => signedBy.map(({ vkey }) => vkey)));
  const holds = (at: number) => notes.some(({ size, root }) => size === at && roots.get(size) === root);
  return known
    .filter(({ key, pinned }) => pinned || signed.size === 0 || signed.has(key.vkey))
    .map(({ key: { id, name, type }, pinned, certifiedAt }) => ({
      id,
      name,
      type,
      pinned: pinned && (certifiedAt === undefined || holds(certifiedAt)),
    }));
}

function reportCheckpoint(head: SignedNote | undefined): VerifyReport['checkpoint'] {
  if (head === undefined) return null;
  const { origin, size, root, note } = head;
  return { origin, size, root: hashToBase64(root), note };
}

function assertPeriod({ from = 0, to = Number.POSITIVE_INFINITY }: VerifyOptions): void {
  if (!Number.isSafeInteger(from) || from < 0)
    throw new RangeError(`from must be an entry number, got ${from}`);
  if (to !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(to) && to > from)) {
    throw new RangeError(`to must be an entry number above from, got ${to}`);
  }
}
