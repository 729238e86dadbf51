import { expect, test } from 'vitest';
import { checkLog, deferred, event, FaultyStore, numbers, openLog, until, wait } from './harness.ts';

/** Sizes of the batches appended from now on. */
function batchSizes(store: FaultyStore): number[] {
  const sizes: number[] = [];
  store.beforeAppend = (_attempt, batch) => {
    sizes.push(batch.entries.length);
  };
  return sizes;
}

test('an event emitted after a quiet moment is taken at once; those behind it share a batch', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  await log.flush();
  await wait(60);
  const sizes = batchSizes(store);
  log.emit(event(0));
  // Each in a turn of its own, and all of them before the time to gather is over.
  for (let n = 1; n < 10; n++) {
    await new Promise((resolve) => setImmediate(resolve));
    log.emit(event(n));
  }
  await until(() => log.info().size === 11);
  expect(sizes[0]).toBe(1);
  // Two in all, and one more for each time this process was kept waiting that long.
  expect(sizes.length).toBeLessThan(6);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual(Array.from({ length: 10 }, (_, n) => n));
});

test('record takes along what has gathered, at once', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  const sizes = batchSizes(store);
  for (let n = 0; n < 3; n++) log.emit(event(n));
  const receipt = await log.record(event(3));
  expect(receipt.seq).toBe(4);
  expect(sizes).toEqual([4]);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([0, 1, 2, 3]);
});

test('record of an id that was emitted and gathers ends the gathering', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  await log.record(event(0, { id: 'awake' }));
  const sizes = batchSizes(store);
  log.emit(event(1, { id: 'one' }));
  const receipt = log.record(event(1, { id: 'one' }));
  // Had it only joined, it would wait for the next event.
  expect((await receipt).seq).toBe(2);
  expect(sizes).toEqual([1]);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([0, 1]);
});

test('flush takes along what has gathered', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  const sizes = batchSizes(store);
  log.emit(event(0));
  await log.flush();
  expect(sizes).toEqual([1]);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([0]);
});

test('a queue that is half full does not gather: nothing is dropped for it', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueEvents: 4 });
  const gate = deferred();
  let appended = 0;
  store.beforeAppend = (_attempt, batch) => {
    appended += batch.entries.length;
    return gate.promise;
  };
  log.emit(event(0));
  log.emit(event(1));
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(appended).toBe(2);
  gate.resolve();
  await log.close();
  expect(log.health().lost).toEqual({});
  expect(numbers(await checkLog(store))).toEqual([0, 1]);
});
