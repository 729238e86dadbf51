// What the log's tests share: faulty stores and signers, and a check of a finished log by code of its own.
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { AuditEvent, Entry } from '../../src/event/model.ts';
import { openAuditLog } from '../../src/log/open.ts';
import type { AuditLogOptions } from '../../src/log/options.ts';
import type { AuditLog } from '../../src/log/types.ts';
import type { Signer } from '../../src/note/signer.ts';
import { createMemoryStore, type MemoryStore } from '../../src/store/memory.ts';
import type { AuditStore, Batch, Seal, StoreHead } from '../../src/store/store.ts';
import { testSigner } from '../../src/testing/test-signer.ts';

export const ORIGIN = 'test.example/audit';

/** A valid event; `data` tells them apart. */
export function event(n: number, more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    type: 'data.update',
    operation: 'set',
    resource: { type: 'counter', id: 'c1' },
    outcome: 'success',
    data: { n },
    ...more,
  };
}

/** A log over a memory store, or over the store given. */
export async function openLog(options: Partial<AuditLogOptions> = {}): Promise<AuditLog> {
  return openAuditLog({ store: createMemoryStore(), origin: ORIGIN, signer: testSigner(ORIGIN), ...options });
}

/** Resolves after so many milliseconds. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves once `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(2);
}

/** A promise and its handles. */
export function deferred<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}

/** Passes everything on to a memory store; tests override what they want to go wrong. */
export class FaultyStore implements AuditStore {
  readonly memory: MemoryStore;
  appends = 0;
  beforeAppend: (attempt: number, batch: Batch) => void | Promise<void> = () => {};
  afterAppend: (attempt: number, note: string) => void | Promise<void> = () => {};
  beforeHead: () => void | Promise<void> = () => {};
  #turn: Promise<unknown> = Promise.resolve();
  #failures = 0;

  constructor(memory: MemoryStore = createMemoryStore()) {
    this.memory = memory;
  }

  async head(): Promise<StoreHead> {
    await this.beforeHead();
    return this.memory.head();
  }

  // One after the other, and what waits behind a failure fails: the contract, with faults in it.
  append(expectedSize: number, batch: Batch, seal: Seal): Promise<string> {
    const attempt = ++this.appends;
    const failures = this.#failures;
    const done = this.#turn.then(async () => {
      if (failures !== this.#failures) throw new Error('a batch before this one failed');
      try {
        await this.beforeAppend(attempt, batch);
        const note = await this.memory.append(expectedSize, batch, seal);
        await this.afterAppend(attempt, note);
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

/** A signer that can be switched off, and can hang. */
export class MoodySigner implements Signer {
  readonly key;
  mood: 'up' | 'down' | 'hanging' = 'up';
  asked = 0;
  readonly #signer: Signer;

  constructor(origin = ORIGIN) {
    this.#signer = testSigner(origin);
    this.key = this.#signer.key;
  }

  async sign(text: Uint8Array): Promise<Uint8Array> {
    this.asked++;
    if (this.mood === 'down') throw new Error('the key service is unreachable');
    if (this.mood === 'hanging') return new Promise(() => {});
    return this.#signer.sign(text);
  }
}

/**
 * Checks a log by the definitions alone: every leaf, the chain, time, and the RFC 6962 root under the newest note and its
 * signature. Shares no code with what wrote it. Returns the entries.
 */
export async function checkLog(store: AuditStore): Promise<Entry[]> {
  const reopened = store instanceof FaultyStore ? store.memory : store;
  const { size, note } = await reopened.head();
  const entries: Entry[] = [];
  const leaves: Buffer[] = [];
  let prev = '0'.repeat(64);
  let time = '';
  for await (const { seq, text } of reopened.entries(0, size)) {
    const entry = JSON.parse(text) as Entry;
    expect(entry.seq).toBe(seq);
    expect(entry.prev).toBe(prev);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_535);
    if (entry.time < time) expect(entry.type).toBe('log.clock');
    time = entry.time;
    const leaf = sha256(Buffer.concat([Buffer.of(0), Buffer.from(text)]));
    prev = leaf.toString('hex');
    leaves.push(leaf);
    entries.push(entry);
  }
  expect(leaves).toHaveLength(size);
  expect(new Set(entries.map(({ id }) => id)).size).toBe(size);
  expect(await reopened.hashes(0, 0, size)).toEqual(leaves.map((leaf) => leaf.toString('hex')));
  const [text, signature] = note!.split('\n\n') as [string, string];
  expect(text).toBe(`${ORIGIN}\n${size}\n${root(leaves).toString('base64')}`);
  const bytes = Buffer.from(signature.trim().split(' ')[2]!, 'base64').subarray(4);
  expect(testSigner(ORIGIN).key.verify(Buffer.from(`${text}\n`), bytes)).toBe(true);
  return entries;
}

/** MTH, RFC 6962 §2.1, by its definition. */
function root(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Buffer.concat([Buffer.of(1), root(leaves.slice(0, split)), root(leaves.slice(split))]));
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

/** Types of the entries, in order. */
export function types(entries: readonly Entry[]): string[] {
  return entries.map(({ type }) => type);
}

/** `data.n` of the application's events, in order. */
export function numbers(entries: readonly Entry[]): unknown[] {
  return entries.filter(({ type }) => type === 'data.update').map(({ data }) => data?.n);
}

/** Sum of what the `log.gap` entries tell, by reason. */
export function gaps(entries: readonly Entry[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { type, data } of entries) {
    if (type !== 'log.gap') continue;
    for (const [reason, count] of Object.entries(data!.reasons as Record<string, number>)) {
      sum[reason] = (sum[reason] ?? 0) + count;
    }
  }
  return sum;
}
