import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, deferred, event, FaultyStore, gaps, numbers, openLog, types, wait } from './harness.ts';

test('close waits for everything handed in before, and writes log.close last', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueEvents: 10 });
  store.beforeAppend = () => wait(3);
  const receipts = Array.from({ length: 40 }, (_, n) => log.record(event(n)));
  for (let n = 40; n < 60; n++) log.emit(event(n));
  const closed = log.close();
  expect(await Promise.all(receipts)).toHaveLength(40);
  await closed;
  const entries = await checkLog(store);
  expect(entries.at(-1)!.type).toBe('log.close');
  expect(numbers(entries).length + (gaps(entries)['queue-full'] ?? 0)).toBe(60);
  expect(log.health().status).toBe('closed');
});

test('close can be called any number of times and does its work once', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  await Promise.all([log.close(), log.close()]);
  await log.close();
  await log[Symbol.asyncDispose]();
  await log.flush();
  expect(types(await checkLog(store))).toEqual(['log.create', 'log.close']);
});

test('a closing log refuses what comes later with LOG_CLOSED and the id', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  const before = log.record(event(1));
  const closed = log.close();
  await expect(log.record(event(2, { id: 'two' }))).rejects.toMatchObject({ code: 'LOG_CLOSED', id: 'two' });
  await expect(log.record(event(3))).rejects.toMatchObject({ code: 'LOG_CLOSED', id: expect.any(String) });
  gate.resolve();
  await before;
  await closed;
  await expect(log.record(event(4))).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  expect(numbers(await checkLog(store))).toEqual([1]);
});

test('a log that goes out of an `await using` scope is closed', async () => {
  const store = createMemoryStore();
  {
    await using log = await openLog({ store });
    log.emit(event(1));
  }
  expect(types(await checkLog(store))).toEqual(['log.create', 'data.update', 'log.close']);
});

test('close gives up on a store that fails for longer than queueTimeout, and counts what it could not write', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueTimeout: 40 });
  await log.record(event(1));
  store.beforeAppend = () => {
    throw new Error('the disk is gone');
  };
  log.emit(event(2));
  log.emit(event(3));
  await expect(log.close()).rejects.toMatchObject({ code: 'COMMIT_UNCERTAIN' });
  expect(log.health()).toMatchObject({ status: 'closed', lost: { stopped: 2 } });
  expect(numbers(await checkLog(store))).toEqual([1]);
});

test('committed entries can be read and proved while the log is open, and the size stays known after', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  await log.record(event(1));
  expect(log.info().size).toBe(2);
  await log.close();
  expect(log.info()).toMatchObject({ size: 3, checkpoint: expect.stringContaining(log.origin) });
  await checkLog(store);
});

test('what is emitted while log.close is on its way is counted, and nothing comes behind log.close', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  store.beforeAppend = (_, batch) => {
    if (batch.entries.some((entry) => entry.includes('"log.close"'))) log.emit(event(1));
  };
  await log.close();
  log.emit(event(2));
  const appends = store.appends;
  await wait(20);
  expect(store.appends).toBe(appends);
  expect(log.health()).toMatchObject({ status: 'closed', lost: { closed: 2 } });
  expect(types(await checkLog(store))).toEqual(['log.create', 'log.close']);
});
