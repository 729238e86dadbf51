// Notes against each other, against the roots that were computed, and against the key changes of the chain.
import type { Entry } from '../event/model.ts';
import type { Hash } from '../merkle/hasher.ts';
import type { Findings } from './findings.ts';
import { type Keyring, rotationOf } from './keys.ts';
import { isHead, isOwn, newest, originInWords, type SignedNote } from './notes.ts';
import type { TrustedReceipt } from './options.ts';

/** The roots notes are compared with. */
export interface ComputedRoots {
  /** Roots by size, as the entries or the authentic tree give them. */
  readonly roots: ReadonlyMap<number, Hash>;
  /** From this size on, roots are wrong because of findings already made; Infinity where none is. */
  readonly explainedFrom: number;
}

/** Adds what is wrong with notes by themselves; returns those that count. */
export function sortNotes({ notes }: Keyring, findings: Findings): SignedNote[] {
  const counting: SignedNote[] = [];
  for (const judged of notes) {
    if (judged.status === 'signature-invalid') {
      findings.add('signature-invalid', null, `The note in ${judged.where} does not hold: ${judged.problem}`);
    } else if (judged.status === 'verified' || judged.note.place === 'trusted') {
      // What the caller trusts needs no signature of a known key; a wrong one of a known key was told above.
      counting.push(judged.note);
    } else {
      const { where } = judged.note;
      findings.add(
        'key-unknown',
        null,
        `The note in ${where}, of ${originInWords(judged.note)}, is not signed by any known key.`,
      );
    }
  }
  if (!counting.some(isHead)) {
    const message = 'Neither commit nor checkpoint holds a valid note, so nothing says where this log ends.';
    findings.add('checkpoint-missing', null, message);
  }
  return counting;
}

/** Notes kept outside the log: it must not have become shorter than they say, nor another log. */
export function checkOutsideNotes(
  notes: readonly SignedNote[],
  { roots, explainedFrom }: ComputedRoots,
  size: number,
  findings: Findings,
): void {
  const own = notes.filter(isOwn);
  const origin = newest(own)?.origin;
  for (const note of notes.filter((one) => !isOwn(one))) {
    const where = capital(note.where);
    if (origin !== undefined && note.origin !== origin) {
      findings.add('forked', null, `${where} is of the log ${originInWords(note)}; this one is ${origin}.`);
    } else if (note.size > size) {
      const message = `The log ends after ${size} entries; ${note.where} was signed over ${note.size}.`;
      findings.add('rolled-back', { from: size, to: note.size }, message);
    } else if (roots.has(note.size) && roots.get(note.size) !== note.root) {
      // Where entries were changed before this size, the log's own notes fail as well: no other history is signed.
      const rival = own.some((one) => one.size === note.size && one.root !== note.root);
      if (note.size >= explainedFrom && !rival) continue;
      const message = `${where} was signed over another history of the first ${note.size} entries.`;
      findings.add('forked', { from: lastMatch(notes, roots, note.size), to: note.size }, message);
    }
  }
}

/** Notes of the log that contradict the entries although newer ones do not, or another origin than the newest. */
export function checkOwnNotes(
  notes: readonly SignedNote[],
  roots: ReadonlyMap<number, Hash>,
  findings: Findings,
): void {
  const own = notes.filter(isOwn);
  const head = newest(own);
  for (const note of own) {
    if (note.origin !== head!.origin) {
      findings.add(
        'forked',
        null,
        `The note in ${note.where} is of the log ${originInWords(note)}, not ${head!.origin}.`,
      );
    } else if (roots.has(note.size) && roots.get(note.size) !== note.root) {
      reportRootMismatch(lastMatch(notes, roots, note.size), note.size, findings);
    }
  }
}

export function reportRootMismatch(from: number, to: number, findings: Findings): void {
  const message = `Entries ${from} to ${to - 1} do not give the root signed over the first ${to}; the place is not known.`;
  findings.add('root-mismatch', { from, to }, message);
}

/** The largest size below `limit` whose note the entries match; 0 where there is none. */
export function lastMatch(
  notes: readonly SignedNote[],
  roots: ReadonlyMap<number, Hash>,
  limit: number,
): number {
  return notes
    .filter(({ size, root }) => size < limit && roots.get(size) === root)
    .reduce((largest, { size }) => Math.max(largest, size), 0);
}

/** Receipts: the entry must still be there with the hash they name. `leaves` holds what is known of them. */
export function checkReceipts(
  receipts: readonly TrustedReceipt[],
  leaves: ReadonlyMap<number, Hash>,
  size: number,
  findings: Findings,
): void {
  for (const { seq, hash } of receipts) {
    if (seq >= size) {
      const message = `The log ends after ${size} entries; a receipt was given for entry ${seq}.`;
      findings.add('rolled-back', { from: size, to: seq + 1 }, message);
    } else if (leaves.has(seq) && leaves.get(seq) !== hash) {
      findings.add('forked', seq, `Entry ${seq} is not the one a receipt was given for.`);
    }
  }
}

/** After a key change only the new key signs: an old one, perhaps stolen, must not speak for what came later. */
export function checkRotations(
  notes: readonly SignedNote[],
  entries: readonly Entry[],
  findings: Findings,
): void {
  const rotations = entries.filter((entry) => rotationOf(entry) !== null).sort((a, b) => a.seq - b.seq);
  for (const { size, signedBy, where } of notes) {
    // The batch that ends in the rotation is the old key's last: sizes past it are the new key's.
    const current = rotations.findLast(({ seq }) => seq + 1 < size);
    if (current === undefined || signedBy.length === 0) continue;
    if (!signedBy.some(({ vkey }) => vkey === rotationOf(current))) {
      const message = `The note in ${where} is signed by a key that entry ${current.seq} had replaced.`;
      findings.add('signature-invalid', null, message);
    }
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
