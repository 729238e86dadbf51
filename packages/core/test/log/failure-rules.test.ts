import { expect, test } from 'vitest';
import type { AuditError } from '../../src/errors.ts';
import type { FailureRule } from '../../src/log/failure-rules.ts';
import type { OnFailure } from '../../src/log/on-failure.ts';
import type { AuditLogOptions } from '../../src/log/options.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { Workplace } from '../spool/spooled-log.ts';
import { checkLog, deferred, event, FaultyStore, gaps, numbers, openLog } from './harness.ts';

/** Whether an event that finds the queue full is lost or in the spool. */
async function fate(
  rules: OnFailure | readonly FailureRule[],
  more: Parameters<typeof event>[1],
  said?: OnFailure,
): Promise<'lost' | 'spooled'> {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const log = await work.open(store, { onFailure: rules, queueEvents: 1 });
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  log.emit(event(0));
  log.emit(event(1, more), said === undefined ? undefined : { onFailure: said });
  const { lost, spooled } = log.health();
  gate.resolve();
  await log.close();
  const entries = await checkLog(store);
  if (spooled.events === 1) {
    expect(numbers(entries).length + entries.filter(({ type }) => type.startsWith('auth')).length).toBe(2);
    expect(lost).toEqual({});
    return 'spooled';
  }
  expect(lost).toEqual({ 'queue-full': 1 });
  expect(gaps(entries)).toEqual(lost);
  return 'lost';
}

const denied = { type: 'auth.attempt', outcome: 'denied' } as const;

test.each<[string, OnFailure | FailureRule[], Parameters<typeof event>[1], 'lost' | 'spooled']>([
  ['all', 'spool', {}, 'spooled'],
  ['none', 'best-effort', {}, 'lost'],
  ['none, by no rule', [], {}, 'lost'],
  ['its type', [{ type: 'data.update', onFailure: 'spool' }], {}, 'spooled'],
  ['another type', [{ type: 'data.create', onFailure: 'spool' }], {}, 'lost'],
  ['one of several types', [{ type: ['auth.*', 'data.*'], onFailure: 'spool' }], {}, 'spooled'],
  ['its category', [{ category: 'data_access', onFailure: 'spool' }], {}, 'spooled'],
  ['other categories', [{ category: ['audit', 'model'], onFailure: 'spool' }], {}, 'lost'],
  ['its level', [{ level: 'info', onFailure: 'spool' }], {}, 'spooled'],
  ['a level above', [{ level: 'warning', onFailure: 'spool' }], {}, 'lost'],
  ['the level its outcome makes', [{ level: 'security', onFailure: 'spool' }], denied, 'spooled'],
  ['all of the rule', [{ type: 'auth.*', level: 'critical', onFailure: 'spool' }], denied, 'lost'],
  [
    'the first rule that matches',
    [
      { type: 'data.*', onFailure: 'best-effort' },
      { level: 'debug', onFailure: 'spool' },
    ],
    {},
    'lost',
  ],
  ['strict, which nobody waits for', 'strict', {}, 'lost'],
])('what becomes of an event is chosen by rule: %s', async (_what, rules, more, expected) => {
  expect(await fate(rules, more)).toBe(expected);
});

test('what the call says wins over the rules', async () => {
  expect(await fate('best-effort', {}, 'spool')).toBe('spooled');
  expect(await fate('spool', {}, 'best-effort')).toBe('lost');
});

test('record waits for its rule, not for the one of others', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const rules: FailureRule[] = [{ type: 'auth.*', onFailure: 'spool' }];
  const log = await work.open(store, { onFailure: rules, queueEvents: 1, queueTimeout: 20 });
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  log.emit(event(0));
  const code = (promise: Promise<unknown>) => promise.catch((error: AuditError) => error.code);
  expect(await code(log.record(event(1)))).toBe('QUEUE_FULL');
  expect(await code(log.record(event(2, denied)))).toBe('SPOOLED');
  expect(await code(log.record(event(3), { onFailure: 'spool' }))).toBe('SPOOLED');
  expect(await code(log.record(event(4, denied), { onFailure: 'strict' }))).toBe('QUEUE_FULL');
  gate.resolve();
  await log.close();
  const entries = await checkLog(store);
  expect(entries.flatMap(({ data }) => data?.n ?? [])).toEqual([0, 2, 3]);
});

test('emitting what is strict is counted, and told once a type', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store, onFailure: [{ type: 'auth.*', onFailure: 'strict' }] });
  const errors: Error[] = [];
  log.on('error', (error) => errors.push(error));
  for (let n = 0; n < 3; n++) log.emit(event(n, denied));
  log.emit(event(3));
  log.emit(event(4), { onFailure: 'strict' });
  await log.record(event(5, denied));
  expect(log.health()).toMatchObject({ unawaited: 4, lost: {} });
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringContaining('auth.attempt is strict by onFailure and was emitted'),
    expect.stringContaining('data.update is strict'),
  ]);
  await log.close();
  expect((await checkLog(store)).flatMap(({ data }) => data?.n ?? [])).toEqual([0, 1, 2, 3, 4, 5]);
});

test('a log without a spool says so where one is asked for', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const errors: Error[] = [];
  log.on('error', (error) => errors.push(error));
  const missing = {
    code: 'OPTIONS_INVALID',
    message: expect.stringContaining('spoolDirectory is missing'),
  };
  await expect(log.record(event(0), { onFailure: 'spool' })).rejects.toMatchObject(missing);
  log.emit(event(1), { onFailure: 'spool' });
  log.emit(event(2), { onFailure: 'spool' });
  expect(errors).toMatchObject([missing]);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1, 2]);
});

test('what a call says that is nothing is told, and costs only that event', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const wrong = { onFailure: 'later' as OnFailure };
  await expect(log.record(event(0), wrong)).rejects.toThrow('options.onFailure must be one of strict, spool');
  log.emit(event(1), wrong);
  expect(log.health().lost).toEqual({ invalid: 1 });
  await log.close();
  expect(gaps(await checkLog(store))).toEqual({ invalid: 1 });
});

test.each<[Partial<AuditLogOptions>, string]>([
  [{ onFailure: 'later' as OnFailure }, 'onFailure must be one of strict, spool, best-effort, got "later"'],
  [{ onFailure: [{}] as never }, 'onFailure[0].onFailure must be one of'],
  [{ onFailure: [null] as never }, 'onFailure[0] must be an object'],
  [{ onFailure: [{ path: '/', onFailure: 'spool' }] as never }, 'onFailure[0].path is nothing a rule knows'],
  [{ onFailure: [{ type: 'a*b', onFailure: 'strict' }] }, 'onFailure[0].type must be a type or a prefix'],
  [{ onFailure: [{ level: 'high' as never, onFailure: 'strict' }] }, 'onFailure[0].level must be one of'],
  [{ onFailure: [{ category: 'x' as never, onFailure: 'strict' }] }, 'onFailure[0].category must be one'],
  [{ onFailure: 'spool' }, 'spoolDirectory is missing: onFailure says spool'],
  [{ onFailure: [{ type: 'x', onFailure: 'spool' }] }, 'spoolDirectory is missing'],
  [{ spoolDirectory: '' }, 'spoolDirectory must be a non-empty path'],
  [{ spoolEvents: 0 }, 'spoolEvents must be a whole number from 1'],
])('options that make no sense say so: %j', async (options, message) => {
  await expect(openLog(options)).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    message: expect.stringContaining(message),
  });
});
