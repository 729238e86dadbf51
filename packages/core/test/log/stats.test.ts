import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openAuditLog } from '../../src/log/open.ts';
import { DURATION_BOUNDS, Durations } from '../../src/log/stats.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, event, MoodySigner, ORIGIN, openLog, until, wait } from './harness.ts';

describe('a duration', () => {
  test('is counted in every bucket it fits in, and beyond the last one in none', () => {
    const durations = new Durations();
    for (const milliseconds of [0, 0.25, 0.26, 5_000, 5_001]) durations.add(milliseconds);
    const { count, sumMs, buckets } = durations.stats;
    expect(count).toBe(5);
    expect(sumMs).toBeCloseTo(10_001.51);
    expect(buckets.map(({ upToMs }) => upToMs)).toEqual(DURATION_BOUNDS);
    expect(buckets.map((bucket) => bucket.count)).toEqual([2, ...DURATION_BOUNDS.slice(2).map(() => 3), 4]);
  });
});

describe('a log in a directory', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'audit-stats-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test('counts its entries, their bytes as they are in the segment, its batches, syncs and signatures', async () => {
    const directory = join(root, 'log');
    const log = await openAuditLog({ directory, origin: ORIGIN, onKeyCreated: () => {} });
    for (let n = 0; n < 5; n++) await log.record(event(n, { operation: 'Größe' }));
    const stats = log.stats();
    const segment = readFileSync(join(directory, 'entries', '0000000000000000.jsonl'));
    expect(stats.entries).toBe(6); // log.create
    expect(stats.bytes).toBe(segment.length);
    expect(stats.batches).toBe(6);
    // Two of each batch; the hashes of the tree are synced besides, now and then.
    expect(stats.sync.count).toBeGreaterThanOrEqual(12);
    expect(stats.sync.sumMs).toBeGreaterThan(0);
    expect(stats.signing.count).toBe(6);
    expect(stats.queued).toEqual({ events: 0, bytes: 0 });
    expect(stats.lost).toEqual({});
    expect(stats.checkpointAgeMs).toBeGreaterThanOrEqual(0);
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();

    const again = await openAuditLog({ directory });
    expect(again.stats().entries).toBe(1); // log.open
    expect(again.stats().lost).toEqual({});
    expect((await again.verify()).verdict).toBe('intact');
    await again.close();
  });
});

test('the time a signer takes is told, and what it refuses is no signature', async () => {
  const store = createMemoryStore();
  const signer = new MoodySigner();
  const sign = signer.sign.bind(signer);
  signer.sign = async (text) => {
    await wait(20);
    return sign(text);
  };
  const log = await openLog({ store, signer });
  expect(log.stats().signing).toMatchObject({ count: 1 });
  expect(log.stats().signing.sumMs).toBeGreaterThan(15);
  signer.mood = 'down';
  log.emit(event(1));
  await until(() => signer.asked > 1);
  expect(log.stats().signing.count).toBe(1);
  expect(log.stats().queued.events).toBe(1);
  signer.mood = 'up';
  await log.flush();
  expect(log.stats().signing.count).toBe(2);
  expect(log.stats().sync.count).toBe(0);
  await log.close();
  await checkLog(store);
});
