// Same id, same content: one entry, however often it is sent. formats.md, *Idempotency*.
import { AuditError } from '../errors.ts';
import type { Entry } from '../event/model.ts';
import { contentOf, contentOfEntry, isContentOf, type PreparedEvent } from '../event/prepared.ts';
import type { Hash, Hasher } from '../merkle/hasher.ts';
import type { AuditStore } from '../store/store.ts';
import { type IdIndex, idOf, type PendingId } from './id-index.ts';

/** An event that already is in the log. */
export interface Recorded {
  readonly seq: number;
  readonly hash: Hash;
}

export class Idempotency {
  readonly #index: IdIndex;
  readonly #store: AuditStore;
  readonly #hasher: Hasher;

  constructor(index: IdIndex, store: AuditStore, hasher: Hasher) {
    this.#index = index;
    this.#store = store;
    this.#hasher = hasher;
  }

  /** True where no entry has to be read to know whether this event is new: `pending` decides at once. */
  isImmediate(event: PreparedEvent, knownSize: number | undefined): boolean {
    if (!this.#index.ready) return false;
    const found = this.#index.find(event.id);
    if (found === undefined) return knownSize === undefined || knownSize >= this.#index.from;
    return typeof found !== 'number';
  }

  /**
   * The same event on its way to the log; null where there is none.
   * @throws AuditError `ID_CONFLICT` where one with other content is
   */
  pending(event: PreparedEvent): PendingId | null {
    const found = this.#index.find(event.id);
    if (found === undefined || typeof found === 'number') return null;
    if (!isContentOf(contentOf(found.event), event)) throw conflict(event.id, 'an event not yet committed');
    return found;
  }

  /**
   * Looks into the log: at the entry the id stands for, or, from `knownSize` on, at what is older than the index
   * remembers. Null where it is not there, as far as was looked.
   * @throws AuditError `ID_CONFLICT`
   */
  async recorded(event: PreparedEvent, knownSize: number | undefined): Promise<Recorded | null> {
    const found = this.#index.find(event.id);
    if (typeof found === 'number') return this.#compare(event, found);
    if (found !== undefined || knownSize === undefined || knownSize >= this.#index.from) return null;
    const needle = `"id":${JSON.stringify(event.id)}`;
    for await (const { seq, text } of this.#store.entries(knownSize, this.#index.from)) {
      if (text.includes(needle) && idOf(text) === event.id) return this.#compareText(event, seq, text);
    }
    return null;
  }

  async #compare(event: PreparedEvent, seq: number): Promise<Recorded | null> {
    for await (const { text } of this.#store.entries(seq, seq + 1))
      return this.#compareText(event, seq, text);
    // Pruned: that the id stands for that entry is all that is left to know.
    throw new AuditError('NOT_FOUND', `The id stands for entry ${seq}, which is no longer kept.`, {
      id: event.id,
    });
  }

  #compareText(event: PreparedEvent, seq: number, text: string): Recorded {
    const { prev, time } = JSON.parse(text) as Entry;
    if (!isContentOf(contentOfEntry(text, prev, seq, time), event)) throw conflict(event.id, `entry ${seq}`);
    return { seq, hash: this.#hasher.leaf(text) };
  }
}

export function conflict(id: string, what: string): AuditError {
  return new AuditError(
    'ID_CONFLICT',
    `The id already stands for ${what}, which has other content: give each event an id of its own.`,
    { id },
  );
}
