// A log whose store fails when told to, and knows what of each exchange is durable; for tests of strict mode.
import {
  type AuditLog,
  type AuditStore,
  type Batch,
  createMemoryStore,
  type Entry,
  openAuditLog,
  type Seal,
} from '@audit/core';
import { testSigner } from '@audit/core/testing';

const ORIGIN = 'test.example/audit';

export type Stage = 'received' | 'responding' | 'completed';

/** Passes batches on to a store in memory, unless `fails` says otherwise. */
export class StagedStore implements AuditStore {
  readonly memory = createMemoryStore();
  /** Asked before each batch: what it throws or rejects with is the store's failure. */
  before: (entries: readonly Entry[]) => void | Promise<void> = () => {};
  readonly #durable = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();
  #failures = 0;

  /** Whether this stage of the request is committed. */
  isDurable(requestId: string, stage: Stage): boolean {
    return this.#durable.has(`${requestId} ${stage}`);
  }

  head() {
    return this.memory.head();
  }

  // One after the other, and what waits behind a failure fails: the contract of stores.
  append(expectedSize: number, batch: Batch, seal: Seal): Promise<string> {
    const failures = this.#failures;
    const done = this.#turn.then(async () => {
      if (failures !== this.#failures) throw new Error('a batch before this one failed');
      const entries = batch.entries.map((text) => JSON.parse(text) as Entry);
      try {
        await this.before(entries);
        const note = await this.memory.append(expectedSize, batch, seal);
        for (const { trace, data } of entries) this.#durable.add(`${trace?.requestId} ${data?.stage}`);
        return note;
      } catch (error) {
        this.#failures++;
        throw error;
      }
    });
    this.#turn = done.catch(() => {});
    return done;
  }

  entries(from: number, to: number) {
    return this.memory.entries(from, to);
  }

  hashes(level: number, from: number, to: number) {
    return this.memory.hashes(level, from, to);
  }

  notes() {
    return this.memory.notes();
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.memory.close();
  }
}

export interface StagedLog {
  readonly log: AuditLog;
  readonly store: StagedStore;
  /** Everything recorded but the log's own life, once all of it is safe. */
  entries(type?: string): Promise<readonly Entry[]>;
}

/** @param patience milliseconds until a record that the store does not take is given up */
export async function openStagedLog(patience = 100): Promise<StagedLog> {
  const store = new StagedStore();
  const log = await openAuditLog({
    store,
    origin: ORIGIN,
    signer: testSigner(ORIGIN),
    queueTimeout: patience,
  });
  return {
    log,
    store,
    async entries(type = 'http.request') {
      await log.flush();
      const found: Entry[] = [];
      for await (const entry of log.entries({ type })) found.push(entry);
      return found;
    },
  };
}

/** `stage outcome status` of each entry of a request, in order. */
export function stagesOf(entries: readonly Entry[], requestId?: string): string[] {
  return entries
    .filter(({ trace }) => requestId === undefined || trace?.requestId === requestId)
    .map(({ outcome, data }) => `${data?.stage} ${outcome} ${data?.status}`);
}

/** Resolves once `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}
