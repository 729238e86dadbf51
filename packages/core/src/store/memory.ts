// A store that keeps the log in memory: for tests, and for what needs no log beyond the process.
import { AuditError, StoreConflictError } from '../errors.ts';
import { type Hash, ZERO_HASH } from '../merkle/hasher.ts';
import { nodeHasher } from '../merkle/node-hasher.ts';
import { frontierOf } from '../merkle/proof.ts';
import type { AuditStore, Batch, Seal, StoredEntry, StoreHead } from './store.ts';

/** What `createMemoryStore` returns: an `AuditStore` that can be opened again after `close()`. */
export interface MemoryStore extends AuditStore {
  /** A new store over the same entries, as a restarted process would find them. */
  reopen(): MemoryStore;
}

/** A log in memory, empty. Everything is as durable as the process. */
export function createMemoryStore(): MemoryStore {
  return new InMemory(new Contents());
}

/** What would be on disk: outlives the handles on it. */
class Contents {
  readonly entries: string[] = [];
  /** `levels[0]` are leaf hashes, `levels[L]` the roots of 256^L leaves. */
  readonly levels: Hash[][] = [[]];
  readonly notes: string[] = [];
  /** Appends take turns, over all handles: the whole of compare-and-append. */
  turn: Promise<unknown> = Promise.resolve();
  /** Grows with each failed append; one that was waiting behind it must fail too. */
  failures = 0;

  get size(): number {
    return this.entries.length;
  }
}

class InMemory implements MemoryStore {
  readonly #contents: Contents;
  #closed = false;

  constructor(contents: Contents) {
    this.#contents = contents;
  }

  async head(): Promise<StoreHead> {
    const { entries, levels, notes, size } = this.#contents;
    const head = {
      size,
      lastLeaf: levels[0]!.at(-1) ?? ZERO_HASH,
      lastEntry: entries.at(-1) ?? null,
      note: notes.at(-1) ?? null,
    };
    // Asynchronous, while appends go on; but what it reads of a tree of `size` leaves no longer changes.
    const frontier = await frontierOf(nodeHasher, size, (level, from, to) => this.hashes(level, from, to));
    return { ...head, frontier };
  }

  append(expectedSize: number, batch: Batch, seal: Seal): Promise<string> {
    if (this.#closed) return Promise.reject(closed());
    if (batch.entries.length === 0)
      return Promise.reject(new RangeError('batch must hold at least one entry'));
    const contents = this.#contents;
    const { failures } = contents;
    const done = contents.turn.then(() => this.#commit(expectedSize, batch, seal, failures));
    contents.turn = done.catch(() => {
      if (failures === contents.failures) contents.failures++;
    });
    return done;
  }

  async #commit(expectedSize: number, batch: Batch, seal: Seal, failures: number): Promise<string> {
    const contents = this.#contents;
    // Size alone does not tell: after a failure another writer may have brought the log to the expected size
    // with other entries. Whatever was waiting when an append failed was sequenced for a log that never was.
    if (failures !== contents.failures || expectedSize !== contents.size) {
      throw new StoreConflictError(
        `The batch was sequenced for a log of ${expectedSize} entries, which has ${contents.size}: reload the head.`,
      );
    }
    const note = await seal(expectedSize + batch.entries.length, batch.root);
    // Nothing can come between the lines below: readers see the batch as a whole, and only signed.
    for (const entry of batch.entries) contents.entries.push(entry);
    for (const leaf of batch.leaves) contents.levels[0]!.push(leaf);
    for (const [index, hashes] of batch.nodes.entries()) {
      contents.levels[index + 1] ??= [];
      contents.levels[index + 1]!.push(...hashes);
    }
    contents.notes.push(note);
    return note;
  }

  async *entries(from: number, to: number): AsyncIterable<StoredEntry> {
    const { entries } = this.#contents;
    const end = Math.min(to, entries.length);
    for (let seq = Math.max(0, from); seq < end; seq++) yield { seq, text: entries[seq]! };
  }

  async hashes(level: number, from: number, to: number): Promise<Hash[]> {
    return this.#contents.levels[level]?.slice(from, to) ?? [];
  }

  async *notes(): AsyncIterable<string> {
    yield* [...this.#contents.notes];
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#contents.turn;
  }

  reopen(): MemoryStore {
    return new InMemory(this.#contents);
  }
}

function closed(): AuditError {
  return new AuditError('LOG_CLOSED', 'The store is closed: open it again before appending.');
}
