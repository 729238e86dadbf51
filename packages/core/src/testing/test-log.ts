// A log for tests: in memory, and the same to the last byte each time.
import { openLog } from '../log/open.ts';
import type { AuditLogOptions } from '../log/options.ts';
import type { AuditLog } from '../log/types.ts';
import { createMemoryStore, type MemoryStore } from '../store/memory.ts';
import { type FixedClock, fixedClock } from './fixed-clock.ts';
import { testSigner } from './test-signer.ts';

/** What may be chosen; the rest is fixed. */
export type TestLogOptions = Omit<
  AuditLogOptions,
  | 'directory'
  | 'store'
  | 'clock'
  | 'stateDirectory'
  | 'keyFile'
  | 'keyType'
  | 'lockTimeout'
  | 'segmentBytes'
  | 'segmentAge'
> & {
  /** Default: a new one. `store.reopen()` of an earlier log goes on with it. */
  readonly store?: MemoryStore;
  /** Default: stands still at the beginning of 2026. */
  readonly clock?: FixedClock;
};

export interface TestLog extends AuditLog {
  readonly store: MemoryStore;
  readonly clock: FixedClock;
}

/**
 * Opens a log in memory with a fixed clock, ids `00000000-0000-7000-8000-000000000001` and so on, and a published key:
 * the same events make the same entries, hashes and signatures in every run.
 */
export async function createTestLog(options: TestLogOptions = {}): Promise<TestLog> {
  const {
    origin = 'test.example/audit',
    store = createMemoryStore(),
    clock = fixedClock(),
    ...rest
  } = options;
  const { size } = await store.head();
  const signer = options.signer ?? testSigner(origin);
  const log = await openLog({ ...rest, origin, store, clock, signer }, sequentialIds(size));
  return Object.assign(log, { store, clock });
}

/** @param from how many were handed out before: a log opened again goes on counting */
function sequentialIds(from: number): () => string {
  let next = from;
  return () => `00000000-0000-7000-8000-${(++next).toString(16).padStart(12, '0')}`;
}
