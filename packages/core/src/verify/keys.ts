// Which keys may speak for the log: pinned ones, the log's own where none is pinned, and those the chain certifies.
import type { Entry } from '../event/model.ts';
import type { SignaturePrimitives } from '../note/primitives.ts';
import type { VerifierKey } from '../note/signer.ts';
import { parseVerifierKey } from '../note/verifier-key.ts';
import { type JudgedNote, judgeNote, newest, type SignedNote, type UnjudgedNote } from './notes.ts';

export interface KnownKey {
  readonly key: VerifierKey;
  /** Given by the caller, or certified by a key that was. */
  readonly pinned: boolean;
  /** The note of this size, by the key before, certifies the key: its last entry is the `log.key.rotate`. */
  readonly certifiedAt?: number;
}

export interface KeyQuestion {
  readonly pinned: readonly VerifierKey[];
  readonly requirePinned: boolean;
  /** Verifier keys the log carries beside the chain (`log.vkey`). */
  readonly vkeys: readonly string[];
  readonly notes: readonly UnjudgedNote[];
  readonly primitives: SignaturePrimitives;
  /** Entry `seq` as stored, unauthenticated; null where it cannot be read. */
  readonly entryAt: (seq: number) => Promise<Entry | null>;
}

export interface Keyring {
  readonly known: readonly KnownKey[];
  readonly notes: readonly JudgedNote[];
}

/**
 * Finds the keys and judges every note by them. Rotations are followed by formats.md's rule: `log.key.rotate` ends
 * a batch, so the old key's largest note names, as its last entry, the key after it. That entry is authentic only
 * if the tree folds to that note's root, which the caller checks for every verified note anyway.
 */
export async function resolveKeys(question: KeyQuestion): Promise<Keyring> {
  const ring = new Ring(question);
  for (const key of question.pinned) ring.add({ key, pinned: true });
  await ring.followRotations();
  if (question.pinned.length === 0 && !question.requirePinned) {
    for (const vkey of question.vkeys) ring.addText(vkey, { pinned: false });
    for (const vkey of vkeysOf(await question.entryAt(0))) ring.addText(vkey, { pinned: false });
    await ring.followRotations();
  } else if (ring.verified.length > 0 && ring.hasUnknown()) {
    await ring.lookBack();
  }
  return { known: ring.known, notes: ring.judged };
}

class Ring {
  readonly known: KnownKey[] = [];
  readonly #question: KeyQuestion;
  /** Keys that only the chain names: they vouch for what is older than the newest note of a key that counts. */
  readonly #older: KnownKey[] = [];
  #olderThan = 0;
  readonly #followed = new Set<VerifierKey>();
  #judged: JudgedNote[];

  constructor(question: KeyQuestion) {
    this.#question = question;
    this.#judged = question.notes.map((note) => judgeNote(note, []));
  }

  /** Every note, in the order given. */
  get judged(): readonly JudgedNote[] {
    return this.#judged;
  }

  get verified(): SignedNote[] {
    return this.#judged.flatMap((judged) => (judged.status === 'verified' ? [judged.note] : []));
  }

  add(known: KnownKey): void {
    if (!this.#has(known.key)) {
      this.known.push(known);
      this.#judgeUnknown();
    }
  }

  addText(vkey: string, rest: Omit<KnownKey, 'key'>): void {
    const key = this.#parse(vkey);
    if (key !== null) this.add({ key, ...rest });
  }

  hasUnknown(): boolean {
    return this.#judged.some(({ status }) => status === 'key-unknown');
  }

  /** Looks behind each key's largest note for the next key, as long as some note's key is unknown. */
  async followRotations(): Promise<void> {
    for (let i = 0; i < this.known.length && this.hasUnknown(); i++) {
      const { key, pinned } = this.known[i]!;
      await this.#followFrom(key, pinned, (known) => this.add(known));
    }
  }

  /** The caller pinned a later key: those before it are named by the chain that its note covers. */
  async lookBack(): Promise<void> {
    this.#olderThan = newest(this.verified)?.size ?? 0;
    for (const vkey of vkeysOf(await this.#question.entryAt(0))) this.#addOlder(vkey);
    for (let i = 0; i < this.#older.length && this.hasUnknown(); i++) {
      await this.#followFrom(this.#older[i]!.key, false, ({ key }) => this.#addOlder(key.vkey));
    }
  }

  async #followFrom(key: VerifierKey, pinned: boolean, add: (known: KnownKey) => void): Promise<void> {
    if (this.#followed.has(key)) return;
    this.#followed.add(key);
    const last = newest(this.verified.filter(({ signedBy }) => signedBy.includes(key)));
    if (last === undefined || last.size === 0) return;
    const entry = await this.#question.entryAt(last.size - 1);
    const next = rotationOf(entry);
    const nextKey = next === null ? null : this.#parse(next);
    if (nextKey !== null && nextKey.name === key.name) add({ key: nextKey, pinned, certifiedAt: last.size });
  }

  #addOlder(vkey: string): void {
    const key = this.#parse(vkey);
    if (key === null || this.#has(key)) return;
    this.#older.push({ key, pinned: false });
    this.#judgeUnknown();
  }

  #has(key: VerifierKey): boolean {
    return [...this.known, ...this.#older].some((known) => known.key.vkey === key.vkey);
  }

  /** A key more can only change what was said of notes no key was known for. */
  #judgeUnknown(): void {
    const keys = this.known.map(({ key }) => key);
    const older = [...keys, ...this.#older.map(({ key }) => key)];
    this.#judged = this.#judged.map((judged, i) => {
      if (judged.status !== 'key-unknown') return judged;
      return judgeNote(this.#question.notes[i]!, judged.note.size < this.#olderThan ? older : keys);
    });
  }

  #parse(vkey: string): VerifierKey | null {
    try {
      return parseVerifierKey(vkey, this.#question.primitives);
    } catch {
      // What is not a key makes none known; the notes it should have signed say so.
      return null;
    }
  }
}

/** The key an entry hands over to; null where it is no rotation. */
export function rotationOf(entry: Entry | null): string | null {
  const vkey = entry?.type === 'log.key.rotate' ? entry.data?.vkey : undefined;
  return typeof vkey === 'string' ? vkey : null;
}

function vkeysOf(entry: Entry | null): string[] {
  const vkeys = entry?.type === 'log.create' ? entry.data?.vkeys : undefined;
  return Array.isArray(vkeys) ? vkeys.filter((vkey): vkey is string => typeof vkey === 'string') : [];
}
