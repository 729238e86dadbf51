import { expect, test } from 'vitest';
import type { Batch } from '../../src/store/store.ts';
import { fixedClock } from '../../src/testing/fixed-clock.ts';
import { checkLog, event, FaultyStore, numbers, openLog, types, until, wait } from './harness.ts';

/** Wants a new segment every `every` entries. */
class Rotating extends FaultyStore {
  size = 0;
  started = 0;
  readonly starts: { readonly inFlight: number; readonly first: string }[] = [];
  inFlight = 0;
  readonly every: number;

  constructor(every: number) {
    super();
    this.every = every;
  }

  rotationDue(): boolean {
    return this.size - this.started >= this.every;
  }

  override append(
    expectedSize: number,
    batch: Batch,
    seal: Parameters<FaultyStore['append']>[2],
  ): Promise<string> {
    if (batch.startsSegment) {
      this.starts.push({ inFlight: this.inFlight, first: batch.entries[0]! });
      this.started = expectedSize;
    }
    this.inFlight++;
    this.size = expectedSize + batch.entries.length;
    return super.append(expectedSize, batch, seal).finally(() => this.inFlight--);
  }
}

test('a new segment begins with log.rotate, which carries the checkpoint of all before it, once nothing is in flight', async () => {
  const store = new Rotating(20);
  store.beforeAppend = () => wait(1);
  const log = await openLog({ store, batchEvents: 5 });
  await Promise.all(Array.from({ length: 100 }, (_, n) => log.record(event(n))));
  await log.close();
  const entries = await checkLog(store);
  expect(numbers(entries)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  expect(store.starts.length).toBeGreaterThanOrEqual(4);
  for (const { inFlight, first } of store.starts) {
    expect(inFlight).toBe(0);
    const { type, seq, data } = JSON.parse(first);
    expect(type).toBe('log.rotate');
    expect(data.checkpoint.split('\n')[1]).toBe(String(seq));
  }
});

test('a log with nothing to say does not rotate', async () => {
  const store = new Rotating(1);
  const log = await openLog({ store });
  await wait(10);
  expect(log.info().size).toBe(1);
  await log.close();
  expect(types(await checkLog(store))).toEqual(['log.create', 'log.rotate', 'log.close']);
});

test('a rotation the store refused at first is done once, with the same entry', async () => {
  const store = new Rotating(10);
  const log = await openLog({ store });
  let failures = 2;
  store.beforeAppend = (_, batch) => {
    if (batch.startsSegment && failures-- > 0) throw new Error('no space left on the device');
  };
  await Promise.all(Array.from({ length: 12 }, (_, n) => log.record(event(n))));
  await log.record(event(12));
  await until(() => store.starts.length === 3);
  expect(new Set(store.starts.map(({ first }) => first)).size).toBe(1);
  await log.close();
  const entries = await checkLog(store);
  expect(types(entries).filter((type) => type === 'log.rotate')).toHaveLength(1);
});

test('where the clock was set before a rotation, log.rotate still comes first, in the time before the step', async () => {
  const store = new Rotating(3);
  const clock = fixedClock('2026-01-01T00:00:00.000Z');
  const log = await openLog({ store, clock });
  await log.record(event(0));
  await log.record(event(1));
  clock.set(-5_000);
  await log.record(event(2));
  await log.close();
  const entries = await checkLog(store);
  expect(types(entries).slice(3, 6)).toEqual(['log.rotate', 'log.clock', 'data.update']);
  expect(entries[3]!.time).toBe('2026-01-01T00:00:00.000Z');
  expect(entries[4]!.time).toBe('2025-12-31T23:59:55.000Z');
});

test('a segment that is due ends also where no event comes, and one that is not goes on', async () => {
  const store = new Rotating(3);
  const log = await openLog({ store });
  await log.record(event(0));
  expect(await log.rotateIfDue()).toBe(false);
  await log.record(event(1));
  expect(await log.rotateIfDue()).toBe(true);
  expect(await log.rotateIfDue()).toBe(false);
  await log.close();
  await expect(log.rotateIfDue()).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  expect(types(await checkLog(store))).toEqual([
    ...['log.create', 'data.update', 'data.update', 'log.rotate', 'log.heartbeat', 'log.close'],
  ]);
});
