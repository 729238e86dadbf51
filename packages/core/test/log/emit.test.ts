import { expect, test } from 'vitest';
import type { AuditEvent } from '../../src/event/model.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, deferred, event, FaultyStore, gaps, numbers, openLog, until } from './harness.ts';

test('emit returns the id the entry will have', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const id = log.emit(event(1));
  expect(log.emit(event(2, { id: 'my-own-id' }))).toBe('my-own-id');
  await log.close();
  const entries = await checkLog(store);
  expect(entries.find(({ data }) => data?.n === 1)?.id).toBe(id);
  expect(entries.find(({ data }) => data?.n === 2)?.id).toBe('my-own-id');
});

test('emit never throws, whatever it is given, and the log tells how many were invalid', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const errors: Error[] = [];
  log.on('error', (error) => errors.push(error));
  const throwing = {
    get type(): string {
      throw new Error('a getter of the caller');
    },
    get id(): string {
      throw new Error('another one');
    },
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const invalid = [null, undefined, 7, 'text', {}, throwing, revoked.proxy, { ...event(1), type: 'Log.Gap' }];
  for (const each of invalid) expect(typeof log.emit(each as unknown as AuditEvent)).toBe('string');
  expect(log.health().lost).toEqual({ invalid: invalid.length });
  expect(errors).toHaveLength(invalid.length);
  await log.close();
  expect(gaps(await checkLog(store))).toEqual({ invalid: invalid.length });
});

test('a closed log counts what is emitted, tells it as an error, and does not throw', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const errors: Error[] = [];
  log.on('error', (error) => errors.push(error));
  await log.close();
  expect(log.emit(event(1, { id: 'late' }))).toBe('late');
  expect(log.health().lost).toEqual({ closed: 1 });
  expect(errors).toMatchObject([{ code: 'LOG_CLOSED', id: 'late' }]);
  await checkLog(store);
});

test('emit drops when the queue is full, and log.gap tells exactly how many', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueEvents: 100 });
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  const degraded: string[] = [];
  log.on('degraded', ({ reason }) => degraded.push(reason));
  for (let n = 0; n < 250; n++) log.emit(event(n));
  expect(log.health()).toMatchObject({
    status: 'degraded',
    queued: { events: 100 },
    lost: { 'queue-full': 150 },
  });
  expect(degraded).toHaveLength(1);
  gate.resolve();
  await log.flush();
  expect(log.health()).toMatchObject({
    status: 'ok',
    queued: { events: 0, bytes: 0 },
    lost: { 'queue-full': 150 },
  });
  await log.close();
  const entries = await checkLog(store);
  expect(numbers(entries)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  expect(gaps(entries)).toEqual({ 'queue-full': 150 });
});

test('the queue is bounded in bytes, too', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueBytes: 100_000 });
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  for (let n = 0; n < 30; n++) log.emit(event(n, { data: { n, text: 'x'.repeat(10_000) } }));
  const { queued, lost } = log.health();
  expect(queued.bytes).toBeLessThanOrEqual(100_000);
  expect(queued.events).toBe(9);
  expect(lost).toEqual({ 'queue-full': 21 });
  gate.resolve();
  await log.close();
  expect(gaps(await checkLog(store))).toEqual({ 'queue-full': 21 });
});

test('under load what was recorded and what log.gap tells add up to what was emitted', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueEvents: 500, batchEvents: 64 });
  store.beforeAppend = async (attempt) => {
    if (attempt % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 3));
    if (attempt % 13 === 0) throw new Error('the disk says no');
  };
  let emitted = 0;
  for (let burst = 0; burst < 60; burst++) {
    for (let i = 0; i < 37 * (burst % 11); i++) log.emit(event(emitted++));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await log.flush();
  await log.close();
  const entries = await checkLog(store);
  const told = gaps(entries)['queue-full'] ?? 0;
  expect(told).toBeGreaterThan(0);
  expect(numbers(entries).length + told).toBe(emitted);
  expect(log.health().lost).toEqual({ 'queue-full': told });
  expect([...numbers(entries)].sort((a, b) => Number(a) - Number(b))).toEqual(numbers(entries));
});

test('the gap is written as soon as there is room, not only at close', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueEvents: 1 });
  log.emit(event(1));
  log.emit(event(2));
  await until(() => log.info().size === 3);
  let gap: unknown;
  for await (const entry of log.entries({ type: 'log.gap' })) gap = entry;
  expect(gap).toMatchObject({ level: 'critical', category: 'audit', data: { reasons: { 'queue-full': 1 } } });
  await log.close();
  await checkLog(store);
});
