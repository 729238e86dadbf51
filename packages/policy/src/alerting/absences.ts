// When each group of a rule was last there, and whether it is known to be gone.
import { type Group, Groups, WHOLE } from './group.ts';

interface Presence {
  readonly group: Group;
  /** Of the last match; −1 where there was none. */
  readonly seq: number;
  readonly at: number;
  /** An alert tells of this absence; told once, until there is a match again. */
  told: boolean;
}

/** One absence that nobody was told of. */
export interface Absence {
  readonly group: Group;
  /** Of the last match; −1 where there was none. */
  readonly seq: number;
  /** Since when: milliseconds since the epoch. */
  readonly since: number;
}

/** One rule's; `absentFor` is in milliseconds. */
export class Absences {
  readonly #absentFor: number;
  readonly #groups = new Groups<Presence>();

  /** @param since from when on the rule waits for a first match; undefined where it only knows groups it has seen */
  constructor(absentFor: number, since: number | undefined) {
    this.#absentFor = absentFor;
    if (since !== undefined) this.#groups.touch(WHOLE.key, { group: WHOLE, seq: -1, at: since, told: false });
  }

  get forgotten(): number {
    return this.#groups.forgotten;
  }

  seen(group: Group, seq: number, at: number): void {
    this.#groups.touch(group.key, { group, seq, at, told: false });
  }

  /** Who is gone at `now`, and was not told of. */
  *gone(now: number): IterableIterator<Absence> {
    for (const [, { group, seq, at, told }] of this.#groups) {
      if (!told && now - at >= this.#absentFor) yield { group, seq, since: at };
    }
  }

  /** Somebody was told that nothing came after entry `seq`: now, or before a restart. A group of its own is over then. */
  tell(key: string, seq: number): void {
    const presence = this.#groups.get(key);
    if (presence === undefined || presence.seq > seq) return;
    if (key === WHOLE.key) presence.told = true;
    else this.#groups.delete(key);
  }

  /** Whether it is gone and was told. */
  isTold(key: string): boolean {
    return this.#groups.get(key)?.told === true;
  }
}
