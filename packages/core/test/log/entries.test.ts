import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Entry } from '../../src/event/model.ts';
import { CATEGORIES, LEVELS } from '../../src/event/model.ts';
import type { AuditLog, EntryFilter } from '../../src/log/types.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { fixedClock } from '../../src/testing/fixed-clock.ts';
import { checkLog, event, FaultyStore, openLog } from './harness.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
let log: AuditLog;
let all: Entry[];

beforeAll(async () => {
  const store = createMemoryStore();
  const clock = fixedClock(START);
  log = await openLog({ store, clock });
  const types = ['auth.attempt', 'auth.logout', 'authz.denied', 'data.read', 'http.request'];
  for (let n = 0; n < 60; n++) {
    clock.advance(1_000);
    if (n === 40) clock.set(-30_000);
    await log.record({
      ...event(n),
      type: types[n % types.length]!,
      level: LEVELS[n % LEVELS.length],
      category: CATEGORIES[n % CATEGORIES.length],
      // Fields that look like the entry's own, wherever a caller can put them.
      data: {
        type: 'data.fake',
        level: 'critical',
        category: 'model',
        time: '2020-01-01T00:00:00.000Z',
        seq: 1,
      },
      resource: { type: 'auth.fake', id: '","type":"auth.attempt","level":"debug' },
      trace: { requestId: '","time":"2030-01-01T00:00:00.000Z"', traceId: '"type":"x"' },
      actor: { type: '"category":"model"', id: 'x' },
    });
  }
  await log.close();
  all = await checkLog(store);
});

async function ask(filter: EntryFilter): Promise<number[]> {
  const found: number[] = [];
  for await (const entry of log.entries(filter)) {
    expect(entry).toEqual(all[entry.seq]);
    found.push(entry.seq);
  }
  return found;
}

function at(seconds: number): string {
  return new Date(START + seconds * 1_000).toISOString();
}

test('without a filter all entries come, in order', async () => {
  expect(await ask({})).toEqual(all.map(({ seq }) => seq));
});

test('from and to bound the sequence numbers', async () => {
  expect(await ask({ from: 5, to: 9 })).toEqual([5, 6, 7, 8]);
  expect(await ask({ from: 60 })).toEqual(all.slice(60).map(({ seq }) => seq));
  expect(await ask({ to: 2 })).toEqual([0, 1]);
  expect(await ask({ from: 9_999 })).toEqual([]);
});

test('a type is exact, a prefix ends in a star, and several mean any of them', async () => {
  const seqs = (match: (type: string) => boolean) =>
    all.filter(({ type }) => match(type)).map(({ seq }) => seq);
  expect(await ask({ type: 'auth.attempt' })).toEqual(seqs((type) => type === 'auth.attempt'));
  expect(await ask({ type: 'auth.*' })).toEqual(seqs((type) => type.startsWith('auth.')));
  expect(await ask({ type: ['auth.*', 'http.request'] })).toEqual(
    seqs((type) => /^(auth\.|http\.request)/.test(type)),
  );
  expect(await ask({ type: 'auth' })).toEqual([]);
});

test('a level means that level or above', async () => {
  const security = LEVELS.indexOf('security');
  expect(await ask({ level: 'security' })).toEqual(
    all.filter(({ level }) => LEVELS.indexOf(level) >= security).map(({ seq }) => seq),
  );
});

test('any combination finds exactly what a plain comparison of the parsed entries finds, a clock set back included', async () => {
  const filter = fc.record(
    {
      from: fc.integer({ min: 0, max: 70 }),
      to: fc.integer({ min: 0, max: 70 }),
      since: fc.integer({ min: -5, max: 70 }).map(at),
      until: fc.integer({ min: -5, max: 70 }).map((seconds) => new Date(at(seconds))),
      type: fc.constantFrom('auth.*', 'data.read', '*', 'log.*', 'data.fake'),
      level: fc.constantFrom(...LEVELS),
      category: fc.oneof(fc.constantFrom(...CATEGORIES), fc.subarray([...CATEGORIES])),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(filter, async (given) => {
      const expected = all.filter(
        ({ seq, time, type, level, category }) =>
          seq >= (given.from ?? 0) &&
          seq < (given.to ?? 1e9) &&
          (given.since === undefined || Date.parse(time) >= Date.parse(given.since)) &&
          (given.until === undefined || Date.parse(time) < given.until.getTime()) &&
          (given.type === undefined ||
            (given.type.endsWith('*') ? type.startsWith(given.type.slice(0, -1)) : type === given.type)) &&
          (given.level === undefined || LEVELS.indexOf(level) >= LEVELS.indexOf(given.level)) &&
          (given.category === undefined || [given.category].flat().includes(category)),
      );
      expect(await ask(given)).toEqual(expected.map(({ seq }) => seq));
    }),
    { numRuns: 200 },
  );
});

test('a filter that makes no sense is refused by the name of its field', async () => {
  await expect(ask({ since: 'yesterday' })).rejects.toThrow(/^since/);
  await expect(ask({ until: new Date('never') })).rejects.toThrow(/^until/);
  await expect(ask({ level: 'loud' as 'info' })).rejects.toThrow(/^level/);
  await expect(ask({ category: 'cats' as 'model' })).rejects.toThrow(/^category/);
  await expect(ask({ type: 'a*b' })).rejects.toThrow(/^type/);
  await expect(ask({ from: -1 })).rejects.toThrow(/^from/);
  await expect(ask({ to: 1.5 })).rejects.toThrow(/^to/);
  await expect(ask({ form: 3 } as never)).rejects.toThrow(/^form/);
});

test('a search by time reads the log once, and then only what it must', async () => {
  const store = new FaultyStore();
  const clock = fixedClock(START);
  const counted = await openLog({ store, clock });
  for (let n = 0; n < 200; n++) {
    clock.advance(1_000);
    await counted.record(event(n));
  }
  let read = 0;
  const entries = store.entries.bind(store);
  store.entries = async function* (from, to) {
    for await (const entry of entries(from, to)) {
      read++;
      yield entry;
    }
  };
  const search = async (filter: EntryFilter) => {
    read = 0;
    const seqs: number[] = [];
    for await (const { seq } of counted.entries(filter)) seqs.push(seq);
    return seqs;
  };
  expect(await search({ since: at(199) })).toEqual([199, 200]);
  expect(read).toBeGreaterThan(200);
  expect(await search({ since: at(100), until: at(103) })).toEqual([100, 101, 102]);
  expect(read).toBeLessThan(25);
  clock.advance(1_000);
  await counted.record(event(200));
  expect(await search({ since: at(200) })).toEqual([200, 201]);
  expect(read).toBeLessThan(25);
  await counted.close();
  await checkLog(store);
});

test('entries committed while reading goes on are not part of it', async () => {
  const growing = await openLog();
  await growing.record(event(1));
  const seen: number[] = [];
  for await (const { seq } of growing.entries()) {
    seen.push(seq);
    await growing.record(event(2));
  }
  expect(seen).toEqual([0, 1]);
  await growing.close();
});
