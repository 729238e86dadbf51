// Which ids stand for which entry: those on their way, and those of the last entries of the log.
import type { AuditError } from '../errors.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import type { StoredEntry } from '../store/store.ts';
import { expireWaiters, type Waiter } from './waiter.ts';

/** An event accepted and not yet committed, and the callers who sent it again meanwhile. */
export interface PendingId {
  readonly event: PreparedEvent;
  joined: (Waiter | null)[] | null;
}

/** Entries read between two breaths for other work. */
const ENTRIES_A_BREATH = 512;

/**
 * Asleep until the first event that brings its own id: a log whose events never do pays nothing. Then it takes in
 * what is on its way, reads the last entries in the background, and follows along. Remembers at least the last
 * `window` entries, at most twice as many: two maps that take turns are cheaper than forgetting one by one.
 */
export class IdIndex {
  readonly #window: number;
  readonly #pending = new Map<string, PendingId>();
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  /** First seq in `#young`; below it `#old` begins at `#from`. */
  #youngFrom = 0;
  #from = 0;
  #awake = false;
  #ready: Promise<void> | null = null;
  #isReady = false;

  constructor(window: number) {
    this.#window = window;
  }

  /** True once anything asked for an id. */
  get awake(): boolean {
    return this.#awake;
  }

  /** True once `find` knows every entry from `from` on. */
  get ready(): boolean {
    return this.#isReady;
  }

  /** The first entry `find` knows. */
  get from(): number {
    return this.#from;
  }

  /**
   * Wakes the index, once, and resolves when it is ready. If reading fails, the next call tries again.
   * @param pending everything accepted and not committed at this moment
   */
  wake(
    size: number,
    pending: () => Iterable<PreparedEvent>,
    read: (from: number, to: number) => AsyncIterable<StoredEntry>,
  ): Promise<void> {
    if (!this.#awake) {
      this.#awake = true;
      for (const event of pending()) this.track(event);
      this.#from = this.#youngFrom = size;
    }
    this.#ready ??= this.#read(read).catch((error) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  async #read(read: (from: number, to: number) => AsyncIterable<StoredEntry>): Promise<void> {
    const to = this.#from;
    const from = Math.max(0, to - this.#window);
    const found = new Map<string, number>();
    for await (const { seq, text } of read(from, to)) {
      found.set(idOf(text), seq);
      if (found.size % ENTRIES_A_BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // Where the maps changed places meanwhile, what was read is older than what is remembered.
    if (this.#youngFrom === to) {
      this.#old = found;
      this.#from = from;
    }
    this.#isReady = true;
  }

  /** What the id stands for: an event on its way, the seq of an entry, or nothing known. */
  find(id: string): PendingId | number | undefined {
    return this.#pending.get(id) ?? this.#young.get(id) ?? this.#old.get(id);
  }

  /** An event was accepted. */
  track(event: PreparedEvent): void {
    if (this.#awake) this.#pending.set(event.id, { event, joined: null });
  }

  /** It was committed. */
  commit(id: string, seq: number): void {
    if (!this.#awake) return;
    this.#pending.delete(id);
    this.add(id, seq);
  }

  /** Hands over who else waits for an event on its way. */
  takeJoined(id: string): readonly (Waiter | null)[] | null {
    if (this.#pending.size === 0) return null;
    const pending = this.#pending.get(id);
    if (pending === undefined || pending.joined === null) return null;
    const { joined } = pending;
    pending.joined = null;
    return joined;
  }

  /** An entry of the log, in order of seq. */
  add(id: string, seq: number): void {
    if (!this.#awake) return;
    if (this.#young.size >= this.#window) {
      this.#old = this.#young;
      this.#from = this.#youngFrom;
      this.#young = new Map();
      this.#youngFrom = seq;
    }
    this.#young.set(id, seq);
  }

  /** It will not be committed. */
  forget(id: string, error: AuditError): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    for (const waiter of pending?.joined ?? []) waiter?.reject(error);
  }

  /** Nothing will be committed any more. */
  forgetAll(error: (id: string) => AuditError): void {
    for (const id of [...this.#pending.keys()]) this.forget(id, error(id));
  }

  /** Ends the waiting of whoever joined before `cutoff`. */
  expire(cutoff: number, error: (id: string) => AuditError): void {
    for (const { joined } of this.#pending.values()) {
      if (joined !== null) expireWaiters(joined, cutoff, error);
    }
  }
}

/** The id of a stored entry. */
export function idOf(text: string): string {
  return (JSON.parse(text) as { id: string }).id;
}
