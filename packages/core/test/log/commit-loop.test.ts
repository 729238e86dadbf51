import { expect, test } from 'vitest';
import { AuditError, StoreConflictError } from '../../src/errors.ts';
import { MAX_IN_FLIGHT } from '../../src/log/commit-loop.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { signCheckpoint } from '../../src/note/sign.ts';
import { verifyProof } from '../../src/note/tlog-proof.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { fixedClock } from '../../src/testing/fixed-clock.ts';
import { testSigner } from '../../src/testing/test-signer.ts';
import { BatchMaker } from '../store/conformance.ts';
import {
  checkLog,
  deferred,
  event,
  FaultyStore,
  gaps,
  numbers,
  ORIGIN,
  openLog,
  types,
  until,
} from './harness.ts';

test('the next batch is appended while the one before is still being written, and no third', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  const before = store.appends;
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  const receipts = [];
  for (let n = 0; n < 5; n++) {
    receipts.push(log.record(event(n)));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(store.appends - before).toBe(MAX_IN_FLIGHT);
  gate.resolve();
  expect((await Promise.all(receipts)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([0, 1, 2, 3, 4]);
});

test('a conflict, twice in a row, makes the batch go in behind the other writer', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, clock: fixedClock() });
  let conflicts = 0;
  store.beforeAppend = async () => {
    if (conflicts++ < 2) {
      await anotherWriter(store);
      throw new StoreConflictError('another writer was first');
    }
  };
  const receipts = await Promise.all([log.record(event(1)), log.record(event(2))]);
  expect(receipts.map(({ seq }) => seq)).toEqual([3, 4]);
  await log.close();
  const entries = await checkLog(store);
  expect(types(entries).slice(0, 5)).toEqual([
    'log.create',
    'system.start',
    'system.start',
    'data.update',
    'data.update',
  ]);
});

test('everything in flight is sequenced again after a conflict, in order', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, clock: fixedClock() });
  const gate = deferred();
  let first = true;
  store.beforeAppend = async () => {
    if (!first) return;
    first = false;
    await gate.promise;
    await anotherWriter(store);
    throw new StoreConflictError('another writer was first');
  };
  const one = log.record(event(1));
  await until(() => store.appends === 2);
  const two = log.record(event(2));
  await until(() => store.appends === 3);
  gate.resolve();
  expect((await one).seq).toBe(2);
  expect((await two).seq).toBe(3);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1, 2]);
});

test('a store that fails is tried again, with the same entries, until it takes them', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  const errors: Error[] = [];
  const statuses: string[] = [];
  log.on('error', (error) => errors.push(error));
  const seen: string[] = [];
  let failures = 2;
  store.beforeAppend = (_, batch) => {
    seen.push(batch.entries.join('\n'));
    if (failures-- > 0) throw new AuditError('STORE_IO', 'no space left on the device');
    statuses.push(log.health().status);
  };
  const receipt = await log.record(event(1));
  expect(receipt.seq).toBe(1);
  expect(seen).toHaveLength(3);
  expect(new Set(seen).size).toBe(1);
  expect(statuses).toEqual(['degraded']);
  expect(log.health().status).toBe('ok');
  expect(errors).toHaveLength(2);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1]);
});

test('records that wait for a failing store longer than queueTimeout are told so, and their events still appear', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueTimeout: 40 });
  let broken = true;
  store.beforeAppend = () => {
    if (broken) throw new AuditError('STORE_IO', 'no space left on the device');
  };
  const error = await log.record(event(1)).catch((reason: AuditError) => reason);
  expect(error).toMatchObject({ code: 'COMMIT_UNCERTAIN', id: expect.any(String) });
  const { id } = error as AuditError;
  const again = log.record(event(1, { id: id! }));
  broken = false;
  const receipt = await again;
  expect(receipt).toMatchObject({ seq: 1, id });
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1]);
});

test('an append that was reported as failed but is in the log is acknowledged, and not appended twice', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  let lost = true;
  store.afterAppend = () => {
    if (!lost) return;
    lost = false;
    throw new AuditError('COMMIT_UNCERTAIN', 'the connection broke before the answer came');
  };
  const receipt = await log.record(event(1));
  expect(receipt.seq).toBe(1);
  expect(receipt.checkpoint).toBe(log.info().checkpoint);
  await log.record(event(2));
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1, 2]);
});

test('where others came behind an append that was reported as failed, receipts and proofs are of the log as it stands', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, clock: fixedClock() });
  let lost = true;
  store.afterAppend = async () => {
    if (!lost) return;
    lost = false;
    await anotherWriter(store);
    throw new AuditError('COMMIT_UNCERTAIN', 'the connection broke before the answer came');
  };
  const receipt = await log.record(event(1));
  expect(receipt.seq).toBe(1);
  expect(log.info().size).toBe(3);
  expect(verifyProof(nodeHasher, await log.prove(1), receipt.hash, [testSigner(ORIGIN).key])).toMatchObject({
    size: 3,
  });
  await log.close();
  expect(types(await checkLog(store))).toEqual(['log.create', 'data.update', 'system.start', 'log.close']);
});

test('an id that another writer used behind an append that was reported as failed is known', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  await log.record(event(0, { id: 'ours' }));
  const rival = await openLog({ store: store.memory.reopen() });
  await log.record(event(1));
  let lost = true;
  store.afterAppend = async () => {
    if (!lost) return;
    lost = false;
    await rival.record(event(3, { id: 'theirs' }));
    throw new AuditError('COMMIT_UNCERTAIN', 'the connection broke before the answer came');
  };
  await log.record(event(2));
  const theirs = await log.record(event(3, { id: 'theirs' }));
  expect(theirs.seq).toBe(6);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([0, 1, 2, 3]);
});

test.each(['rotationDue', 'append'] as const)(
  'an error nobody foresaw, in %s, ends the log in the open, not the process',
  async (method) => {
    const store = new FaultyStore();
    const log = await openLog({ store });
    await log.record(event(1));
    Object.assign(store, {
      [method]: () => {
        throw new TypeError('a mistake in the store');
      },
    });
    await expect(log.record(event(2))).rejects.toMatchObject({
      code: method === 'append' ? 'COMMIT_UNCERTAIN' : 'LOG_STOPPED',
    });
    expect(log.health().status).toBe('stopped');
    await log.close();
    expect(numbers(await checkLog(store))).toEqual([1]);
  },
);

test('what is put right goes on even where the head cannot be read at first', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  let failures = 3;
  const fail = () => {
    if (failures-- > 0) throw new AuditError('STORE_IO', 'the disk is away');
  };
  store.beforeAppend = fail;
  store.beforeHead = fail;
  expect((await log.record(event(1))).seq).toBe(1);
  await log.close();
  await checkLog(store);
});

test.each(['FENCED', 'LOG_STOPPED'] as const)(
  '%s is final: what is pending is turned away, and the log says so',
  async (code) => {
    const store = new FaultyStore();
    const log = await openLog({ store });
    await log.record(event(0));
    const errors: Error[] = [];
    log.on('error', (error) => errors.push(error));
    const gate = deferred();
    store.beforeAppend = async () => {
      await gate.promise;
      throw new AuditError(code, 'another writer has the log');
    };
    const written = log.record(event(1));
    log.emit(event(2));
    await until(() => store.appends === 3);
    const waiting = log.record(event(3));
    await until(() => store.appends === 4);
    const queued = log.record(event(4));
    const flushed = log.flush();
    gate.resolve();
    const outcomes = await Promise.allSettled([written, waiting, queued, flushed]);
    expect(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'recorded')),
    ).toEqual(['COMMIT_UNCERTAIN', 'COMMIT_UNCERTAIN', 'LOG_STOPPED', code]);
    expect(log.health()).toMatchObject({ status: 'stopped', lost: { stopped: 1 } });
    expect(errors.map((error) => (error as AuditError).code)).toContain(code);
    await expect(log.record(event(5, { id: 'five' }))).rejects.toMatchObject({
      code: 'LOG_STOPPED',
      id: 'five',
    });
    expect(log.emit(event(6, { id: 'six' }))).toBe('six');
    expect(log.health().lost).toEqual({ stopped: 2 });
    await expect(log.flush()).rejects.toMatchObject({ code });
    await log.close();
    expect(log.health().status).toBe('closed');
    expect(numbers(await checkLog(store))).toEqual([0]);
  },
);

test('a slow store makes fewer and larger batches, and loses nothing', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  store.beforeAppend = () => new Promise((resolve) => setTimeout(resolve, 10));
  const receipts: Promise<unknown>[] = [];
  for (let n = 0; n < 200; n++) {
    receipts.push(log.record(event(n)));
    if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(receipts);
  expect(store.appends).toBeLessThan(20);
  await log.close();
  const entries = await checkLog(store);
  expect(numbers(entries)).toHaveLength(200);
  expect(gaps(entries)).toEqual({});
});

test('two logs on one shared store fork nothing: both sets of events are in one chain', async () => {
  const shared = createMemoryStore();
  const one = await openLog({ store: shared });
  const two = await openLog({ store: shared.reopen() });
  const receipts = await Promise.all(
    Array.from({ length: 60 }, async (_, n) => {
      await new Promise((resolve) => setTimeout(resolve, n % 7));
      return (n % 2 === 0 ? one : two).record(event(n));
    }),
  );
  expect(new Set(receipts.map(({ seq }) => seq)).size).toBe(60);
  await Promise.all([one.close(), two.close()]);
  expect(numbers(await checkLog(shared.reopen())).sort((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 60 }, (_, n) => n),
  );
});

/** Appends one entry, as a second process on a shared store does. */
async function anotherWriter(store: FaultyStore): Promise<void> {
  const { size, frontier, lastLeaf } = await store.memory.head();
  const batch = new BatchMaker(size, frontier, lastLeaf).next(1);
  await store.memory
    .reopen()
    .append(size, batch, (newSize, root) =>
      signCheckpoint({ origin: ORIGIN, size: newSize, root }, testSigner(ORIGIN)),
    );
}
