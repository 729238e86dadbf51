import { expect, test } from 'vitest';
import type { AuditEvent } from '../../src/event/model.ts';
import { DROPPED_INTERVAL, LossCount, MAX_DROPPED_TYPES } from '../../src/log/loss.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, event, gaps, numbers, openLog } from './harness.ts';

test('handlers run in the order of use(), each with what the one before passed on', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const add = (name: string) => (given: AuditEvent, next: (event: AuditEvent) => void) =>
    next({
      ...given,
      data: { ...given.data, path: `${(given.data as { path?: string }).path ?? ''}${name}` },
    });
  log.use(add('a')).use(add('b'));
  await log.record(event(1));
  log.emit(event(2));
  await log.close();
  expect((await checkLog(store)).slice(1, 3).map(({ data }) => data!.path)).toEqual(['ab', 'ab']);
});

test('an event that is not passed on is not recorded, counted, and told in log.gap', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  log.use((given, next) => {
    if ((given.data as { n: number }).n % 2 === 0) next(given);
  });
  await expect(log.record(event(1, { id: 'one' }))).rejects.toMatchObject({ code: 'DROPPED', id: 'one' });
  expect(log.emit(event(3, { id: 'three' }))).toBe('three');
  await log.record(event(2));
  expect(log.health()).toMatchObject({ status: 'ok', lost: { dropped: 2 } });
  await log.close();
  const entries = await checkLog(store);
  expect(numbers(entries)).toEqual([2]);
  expect(gaps(entries)).toEqual({ dropped: 2 });
});

test('log.gap tells what was dropped by type, of at most so many types', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  log.use(() => {});
  for (const type of ['data.read', 'auth.attempt', 'data.read', 'No Type']) log.emit(event(1, { type }));
  for (let i = 0; i < MAX_DROPPED_TYPES; i++) log.emit(event(1, { type: `own.t${i}` }));
  await log.close();
  const gap = (await checkLog(store)).find(({ type }) => type === 'log.gap');
  const own = Array.from({ length: MAX_DROPPED_TYPES - 2 }, (_, i) => [`own.t${i}`, 1]);
  expect(gap?.data).toEqual({
    reasons: { dropped: 4 + MAX_DROPPED_TYPES },
    dropped: { 'data.read': 2, 'auth.attempt': 1, '*': 3, ...Object.fromEntries(own) },
  });
});

test('a handler that throws is reported, and the event goes on as that handler got it', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const errors: Error[] = [];
  log.on('error', (error) => errors.push(error));
  log.use(() => {
    throw new Error('before next');
  });
  log.use((given, next) => {
    next({ ...given, operation: 'changed' });
    throw new Error('after next');
  });
  await log.record(event(1));
  expect(errors.map(({ cause }) => (cause as Error).message)).toEqual(['before next', 'after next']);
  await log.close();
  expect((await checkLog(store))[1]).toMatchObject({ operation: 'changed', data: { n: 1 } });
});

test('next counts once, and only while the handler runs', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  let late = (_: AuditEvent) => {};
  log.use((given, next) => {
    if ((given.data as { n: number }).n === 1) {
      next(given);
      next(event(99));
    } else {
      late = next;
    }
  });
  await log.record(event(1));
  log.emit(event(2));
  late(event(2));
  await log.close();
  const entries = await checkLog(store);
  expect(numbers(entries)).toEqual([1]);
  expect(gaps(entries)).toEqual({ dropped: 1 });
});

test('the log speaks of itself past all handlers', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  log.use(() => {});
  await log.close();
  expect((await checkLog(store)).map(({ type }) => type)).toEqual(['log.create', 'log.close']);
});

test('use() refuses what is no function', async () => {
  const log = await openLog();
  expect(() => log.use({} as never)).toThrow(TypeError);
  await log.close();
});

test('what handlers drop is told at most once a minute, what is lost otherwise at once', () => {
  const loss = new LossCount();
  loss.count('dropped');
  expect(loss.due(0)).toBe(true);
  expect(loss.take(0)?.reasons).toEqual({ dropped: 1 });
  loss.count('dropped', 2);
  expect(loss.due(DROPPED_INTERVAL - 1)).toBe(false);
  expect(loss.due(DROPPED_INTERVAL)).toBe(true);
  loss.count('queue-full');
  expect(loss.due(1)).toBe(true);
  expect(loss.take(1)?.reasons).toEqual({ dropped: 2, 'queue-full': 1 });
  expect(loss.take(2)).toBeNull();
  expect(loss.total).toEqual({ dropped: 3, 'queue-full': 1 });
});
