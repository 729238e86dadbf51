// Every note of a log, and what the known keys say of it. Whether the entries match it is for others.
import type { Checkpoint } from '../note/checkpoint.ts';
import { openCheckpoint } from '../note/open.ts';
import type { VerifierKey } from '../note/signer.ts';
import type { FoundNote, NotePlace } from './source.ts';

const MAX_ORIGIN = 255;

/** A note whose signature is good. */
export interface SignedNote extends Checkpoint {
  readonly note: string;
  /** `trusted`: handed in by the caller, from outside the log. */
  readonly place: NotePlace | 'trusted';
  /** Where it was found, for messages. */
  readonly where: string;
  /** Who signed; empty for a note the caller trusts and no known key signed. */
  readonly signedBy: readonly VerifierKey[];
}

/** What is to be said of one note by the keys known so far. */
export type JudgedNote =
  | { readonly status: 'verified'; readonly note: SignedNote }
  | { readonly status: 'key-unknown'; readonly note: SignedNote }
  | { readonly status: 'signature-invalid'; readonly where: string; readonly problem: string };

/** A note and the place it was found in. */
export type UnjudgedNote = Omit<FoundNote, 'place'> & { readonly place: SignedNote['place'] };

export function judgeNote(found: UnjudgedNote, keys: readonly VerifierKey[]): JudgedNote {
  const where = placeInWords(found);
  try {
    const opened = openCheckpoint(found.text, keys);
    if (opened.status === 'signature-invalid') {
      return {
        status: opened.status,
        where,
        problem: `its signature is not the one key ${opened.key.id} makes`,
      };
    }
    const signedBy = opened.status === 'verified' ? opened.verifiedBy : [];
    const { origin, size, root } = opened.checkpoint;
    const note: SignedNote = { origin, size, root, note: found.text, place: found.place, where, signedBy };
    return { status: opened.status, note };
  } catch (error) {
    return { status: 'signature-invalid', where, problem: (error as Error).message };
  }
}

/** True for the places that together say where the log stands; `checkpoints` alone never passes. */
export function isHead(note: SignedNote): boolean {
  return note.place === 'slot' || note.place === 'checkpoint';
}

/** True for notes of the log itself, false for what was kept outside of it. */
export function isOwn(note: SignedNote): boolean {
  return note.place !== 'high-water' && note.place !== 'trusted';
}

/** The note of the largest size. */
export function newest(notes: readonly SignedNote[]): SignedNote | undefined {
  return notes.reduce<SignedNote | undefined>(
    (best, note) => (best && best.size >= note.size ? best : note),
    undefined,
  );
}

/** Nobody need have signed it: as much of it as an origin of ours can be. */
export function originInWords({ origin }: SignedNote): string {
  return origin.length > MAX_ORIGIN ? `${origin.slice(0, MAX_ORIGIN)}…` : origin;
}

export function placeInWords({ place, index }: { place: SignedNote['place']; index: number }): string {
  switch (place) {
    case 'slot':
      return `commit slot ${index}`;
    case 'checkpoint':
      return 'the checkpoint file';
    case 'checkpoints':
      return `line ${index + 1} of checkpoints`;
    case 'high-water':
      return 'the high-water file';
    case 'trusted':
      return `trusted checkpoint ${index + 1}`;
  }
}
