import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAuditLog } from '../../src/log/open.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { fixedClock } from '../../src/testing/fixed-clock.ts';
import { checkLog, event, FaultyStore, openLog, types } from './harness.ts';

const START = '2026-01-01T00:00:00.000Z';

async function logAt(clock = fixedClock(START)) {
  const store = createMemoryStore();
  return { store, clock, log: await openLog({ store, clock }) };
}

test('entries carry the time they were sequenced at', async () => {
  const { store, clock, log } = await logAt();
  clock.advance(1_500);
  await log.record(event(1));
  await log.close();
  const entries = await checkLog(store);
  expect(entries.map(({ time }) => time)).toEqual([
    START,
    '2026-01-01T00:00:01.500Z',
    '2026-01-01T00:00:01.500Z',
  ]);
});

test('a wall clock set back by more than a second is told in log.clock, whose time it has', async () => {
  const { store, clock, log } = await logAt();
  clock.advance(10_000);
  await log.record(event(1));
  clock.set(-5_000);
  await log.record(event(2));
  await log.close();
  const entries = await checkLog(store);
  expect(types(entries)).toEqual(['log.create', 'data.update', 'log.clock', 'data.update', 'log.close']);
  expect(entries[2]).toMatchObject({
    time: '2026-01-01T00:00:05.000Z',
    data: { from: '2026-01-01T00:00:10.000Z', to: '2026-01-01T00:00:05.000Z' },
  });
  expect(entries[3]!.time).toBe('2026-01-01T00:00:05.000Z');
});

test('a smaller step back is clamped: time stands still', async () => {
  const { store, clock, log } = await logAt();
  clock.advance(10_000);
  await log.record(event(1));
  clock.set(-1_000);
  await log.record(event(2));
  clock.advance(400);
  await log.record(event(3));
  clock.advance(700);
  await log.record(event(4));
  await log.close();
  const entries = await checkLog(store);
  expect(types(entries)).not.toContain('log.clock');
  expect(entries.slice(1, 5).map(({ time }) => time.slice(17))).toEqual([
    '10.000Z',
    '10.000Z',
    '10.000Z',
    '10.100Z',
  ]);
});

test('small steps back that add up to more than a second are told', async () => {
  const { store, clock, log } = await logAt();
  for (let n = 0; n < 4; n++) {
    await log.record(event(n));
    clock.set(-400);
  }
  await log.close();
  const entries = await checkLog(store);
  expect(entries.filter(({ type }) => type === 'log.clock')).toHaveLength(1);
});

test('a wall clock set back during idle time is told even though time does not decrease', async () => {
  const { store, clock, log } = await logAt();
  clock.advance(3_600_000);
  clock.set(-1_800_000);
  await log.record(event(1));
  await log.close();
  const entries = await checkLog(store);
  expect(entries[1]).toMatchObject({
    type: 'log.clock',
    data: { from: '2026-01-01T01:00:00.000Z', to: '2026-01-01T00:30:00.000Z' },
  });
});

test('a wall clock set forward by more than a minute is told', async () => {
  const { store, clock, log } = await logAt();
  clock.set(60_001);
  await log.record(event(1));
  await log.close();
  const entries = await checkLog(store);
  expect(types(entries)).toEqual(['log.create', 'log.clock', 'data.update', 'log.close']);
  expect(entries[1]).toMatchObject({ time: '2026-01-01T00:01:00.001Z', data: { from: START } });
});

test('an idle hour is no step, and neither is a minute forward', async () => {
  const { store, clock, log } = await logAt();
  clock.advance(3_600_000);
  await log.record(event(1));
  clock.set(60_000);
  await log.record(event(2));
  await log.close();
  expect(types(await checkLog(store))).not.toContain('log.clock');
});

test('a log opened again under a clock behind its last entry tells that first', async () => {
  const { store, clock, log } = await logAt();
  clock.advance(60_000);
  await log.close();
  const again = await openLog({ store: store.reopen(), clock: fixedClock(START) });
  await again.close();
  const entries = await checkLog(store);
  expect(types(entries)).toEqual(['log.create', 'log.close', 'log.clock', 'log.open', 'log.close']);
  expect(entries[2]).toMatchObject({ time: START, data: { from: '2026-01-01T00:01:00.000Z', to: START } });
});

test('a step told in a batch that a conflict threw back is told again', async () => {
  const memory = createMemoryStore();
  const store = new FaultyStore(memory);
  const clock = fixedClock(START);
  const log = await openLog({ store, clock });
  const rival = await openLog({ store: memory.reopen(), clock: fixedClock(START) });
  clock.set(3_600_000);
  // The log was sequenced for a size that the rival has taken since.
  await log.record(event(1));
  await rival.close();
  await log.close();
  const entries = await checkLog(store);
  expect(entries.filter(({ type }) => type === 'log.clock')[0]).toMatchObject({
    data: { from: START, to: '2026-01-01T01:00:00.000Z' },
  });
});

test('a clock that fails for a while does not stop the log, nor its files', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'audit-clock-'));
  let failing = false;
  const read = (now: number) => {
    if (failing) throw new Error('no time');
    return now;
  };
  const clock = { now: () => read(Date.now()), monotonic: () => read(performance.now()) };
  const log = await openAuditLog({
    directory: join(directory, 'log'),
    origin: 'test.example/clock',
    clock,
    onKeyCreated() {},
  });
  await log.record(event(1));
  failing = true;
  await log.record(event(2));
  failing = false;
  await log.record(event(3));
  expect(log.health().status).toBe('ok');
  await log.close();
  expect(await log.verify()).toMatchObject({ verdict: 'intact', size: 5 });
  await rm(directory, { recursive: true });
});

test('a step told in a batch that a failing store takes at the second attempt is told once', async () => {
  const store = new FaultyStore();
  const clock = fixedClock(START);
  const log = await openLog({ store, clock });
  let failing = true;
  store.beforeAppend = () => {
    if (!failing) return;
    failing = false;
    throw new Error('no space left on the device');
  };
  clock.set(3_600_000);
  await log.record(event(1));
  await log.record(event(2));
  await log.close();
  const entries = await checkLog(store);
  expect(types(entries)).toEqual(['log.create', 'log.clock', 'data.update', 'data.update', 'log.close']);
});

test('a clock that knows no monotonic time never tells idle time for a step', async () => {
  const store = createMemoryStore();
  let now = Date.parse(START);
  const log = await openLog({ store, clock: { now: () => now } });
  now += 86_400_000;
  await log.record(event(1));
  now -= 2_000;
  await log.record(event(2));
  await log.close();
  expect(types(await checkLog(store))).toEqual([
    'log.create',
    'data.update',
    'log.clock',
    'data.update',
    'log.close',
  ]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1e20, 'throws'])(
  'a clock that shows %s does not end the log',
  async (shown) => {
    const store = createMemoryStore();
    let broken = false;
    const now = () => {
      if (!broken) return Date.now();
      if (shown === 'throws') throw new Error('no clock');
      return shown as number;
    };
    const log = await openLog({ store, clock: { now } });
    broken = true;
    await log.record(event(1));
    await log.close();
    expect(types(await checkLog(store))).toEqual(['log.create', 'data.update', 'log.close']);
  },
);
