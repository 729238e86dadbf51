import { expect, test } from 'vitest';
import { checkLog, deferred, event, FaultyStore, gaps, numbers, openLog, until, wait } from './harness.ts';

test('record waits for room and goes in as soon as there is some, in the order of the calls', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueEvents: 3 });
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  const receipts = Array.from({ length: 20 }, (_, n) => log.record(event(n)));
  await wait(10);
  expect(log.health().queued.events).toBe(3);
  gate.resolve();
  expect((await Promise.all(receipts)).map(({ seq }) => seq)).toEqual(
    Array.from({ length: 20 }, (_, n) => n + 1),
  );
  expect(log.health().lost).toEqual({});
  await log.close();
  expect(numbers(await checkLog(store))).toEqual(Array.from({ length: 20 }, (_, n) => n));
});

test('record rejects QUEUE_FULL with the id after queueTimeout, and that event is not recorded', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueEvents: 1, queueTimeout: 40 });
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  const first = log.record(event(1));
  const outcomes = await Promise.allSettled([log.record(event(2, { id: 'two' })), log.record(event(3))]);
  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { code: 'QUEUE_FULL', id: 'two' } },
    { status: 'rejected', reason: { code: 'QUEUE_FULL', id: expect.any(String) } },
  ]);
  gate.resolve();
  await first;
  // Told to the caller, hence not a silent loss: no log.gap.
  expect((await log.record(event(2, { id: 'two' }))).seq).toBe(2);
  await log.close();
  const entries = await checkLog(store);
  expect(numbers(entries)).toEqual([1, 2]);
  expect(gaps(entries)).toEqual({});
});

test('emit does not overtake those who wait for room', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueEvents: 2 });
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  const receipts = [1, 2, 3].map((n) => log.record(event(n)));
  log.emit(event(4));
  expect(log.health().lost).toEqual({ 'queue-full': 1 });
  gate.resolve();
  await Promise.all(receipts);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1, 2, 3]);
});

test('flush waits for everything handed in before, also for what waits for room', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueEvents: 2 });
  store.beforeAppend = () => wait(5);
  let recorded = 0;
  for (let n = 0; n < 9; n++) void log.record(event(n)).then(() => recorded++);
  await log.flush();
  expect(recorded).toBe(9);
  await log.flush();
  await log.close();
  expect(numbers(await checkLog(store))).toHaveLength(9);
});

test('flush does not wait for what is handed in afterwards', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  log.emit(event(1));
  const flushed = log.flush();
  let open = true;
  const busy = (async () => {
    for (let n = 2; open; n++) await log.record(event(n));
  })();
  await flushed;
  open = false;
  await busy;
  await log.close();
  await checkLog(store);
});

test('an event larger than the whole queue still passes on its own', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueBytes: 65_535, batchBytes: 65_535 });
  const large = 'x'.repeat(100_000);
  const receipts = [1, 2].map((n) => log.record(event(n, { data: { n, large } })));
  await Promise.all(receipts);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1, 2]);
});

test('what waits keeps its place while the queue runs full and empty again and again', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueEvents: 7, batchEvents: 3 });
  const order: number[] = [];
  const receipts = Array.from({ length: 300 }, (_, n) =>
    log.record(event(n)).then(({ seq }) => {
      order.push(n);
      return seq;
    }),
  );
  await Promise.all(receipts);
  expect(order).toEqual(Array.from({ length: 300 }, (_, n) => n));
  await until(() => log.health().queued.events === 0);
  expect(log.health().queued.bytes).toBe(0);
  await log.close();
  await checkLog(store);
});
