// Which segments go and which stay, and what each of them says of it.
import type { StoredSegment } from '@audit/core';
import type { RetentionOptions } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/retention/decide.ts';
import type { KindSummary } from '../../src/retention/summary.ts';

const DAY = 24 * 3_600_000;
const NOW = Date.parse('2026-06-01T00:00:00Z');

/** A segment whose entries are so many days old. */
interface Made {
  readonly days: number;
  readonly kinds?: readonly Partial<KindSummary>[];
  readonly sealed?: boolean;
}

async function fates(made: readonly Made[], options: RetentionOptions): Promise<string[]> {
  const segments: StoredSegment[] = made.map(({ sealed = true }, i) => ({
    ...{ name: `segment ${i}`, first: i * 10, entries: 10, bytes: 100, sealed },
  }));
  const asked: number[] = [];
  const decided = await decide(segments, options, NOW, async ({ first }) => {
    asked.push(first);
    const { days, kinds = [{}] } = made[first / 10]!;
    const at = NOW - days * DAY;
    return kinds.map((kind) => ({
      ...{ type: 'data.read', category: 'data_access', level: 'info', first: at, last: at },
      ...kind,
    }));
  });
  // Nothing is read that is not decided by what is in it.
  expect(asked.length).toBeLessThanOrEqual(decided.filter(({ goes }) => goes).length + 1);
  return decided.map(({ goes, reason }) => `${goes ? 'goes' : 'stays'}: ${reason}`);
}

const auth = { type: 'auth.attempt', category: 'authentication', level: 'security' } as const;

describe('a segment', () => {
  test('goes after 30 days where nothing else is said, with all before it', async () => {
    expect(await fates([{ days: 31 }, { days: 30 }, { days: 29 }, { days: 28 }], {})).toEqual([
      ...['goes: expired', 'goes: expired', 'stays: not-expired', 'stays: behind'],
    ]);
  });

  test('stays behind one that stays, expired or not', async () => {
    const made = [{ days: 90, kinds: [auth] }, { days: 80 }, { days: 0, sealed: false }];
    expect(await fates(made, { types: { 'auth.*': 100 * DAY } })).toEqual([
      ...['stays: not-expired', 'stays: behind', 'stays: behind'],
    ]);
  });

  test('goes when its longest-lived entry has expired', async () => {
    const options = { keep: DAY, levels: { warning: 100 * DAY } };
    expect(await fates([{ days: 99, kinds: [{}, auth] }], options)).toEqual(['stays: not-expired']);
    expect(await fates([{ days: 100, kinds: [{}, auth] }], options)).toEqual(['goes: expired']);
  });

  test('is kept by the longest rule that matches, and a rule may be shorter than keep', async () => {
    const options: RetentionOptions = {
      ...{ keep: 50 * DAY, types: { 'data.*': 5 * DAY, 'data.read': 7 * DAY } },
      categories: { authentication: 90 * DAY },
    };
    expect(await fates([{ days: 6 }], options)).toEqual(['stays: not-expired']);
    expect(await fates([{ days: 7 }, { days: 7, kinds: [auth] }], options)).toEqual([
      ...['goes: expired', 'stays: not-expired'],
    ]);
  });

  test('that is kept for ever never goes', async () => {
    expect(await fates([{ days: 9_000 }], { keep: Number.POSITIVE_INFINITY })).toEqual([
      'stays: not-expired',
    ]);
  });

  test('goes before its time where there are too many files or bytes, unless a floor or a hold says no', async () => {
    const made = [{ days: 3 }, { days: 2 }, { days: 1 }, { days: 0, sealed: false }];
    expect(await fates(made, { maxFiles: 2 })).toEqual([
      ...['goes: max-files', 'goes: max-files', 'stays: not-expired', 'stays: behind'],
    ]);
    expect(await fates(made, { maxBytes: 350 })).toEqual([
      ...['goes: max-bytes', 'stays: not-expired', 'stays: behind', 'stays: behind'],
    ]);
    expect(await fates(made, { maxFiles: 1, floor: 2 * DAY })).toEqual([
      ...['goes: max-files', 'goes: max-files', 'stays: floor', 'stays: behind'],
    ]);
    const holds = [{ id: 'case', reason: 'a letter', since: '2026-05-30', until: '2026-05-31' }];
    expect(await fates(made, { maxFiles: 1, holds })).toEqual([
      ...['goes: max-files', 'stays: hold', 'stays: behind', 'stays: behind'],
    ]);
  });

  test('is not undercut by a rule that is shorter than the floor', async () => {
    const options = { types: { 'data.read': DAY }, floorTypes: { 'data.*': 10 * DAY } };
    expect(await fates([{ days: 9 }], options)).toEqual(['stays: floor']);
    expect(await fates([{ days: 10 }], options)).toEqual(['goes: expired']);
  });

  test.each([
    [{}, 'stays: hold'],
    [{ type: 'auth.*' }, 'stays: hold'],
    [{ type: 'auth.logout' }, 'goes: expired'],
    [{ since: '2026-02-02' }, 'goes: expired'],
    [{ since: '2026-02-01' }, 'stays: hold'],
    [{ until: '2026-02-01' }, 'goes: expired'],
    [{ until: '2026-02-01T00:00:00.001Z' }, 'stays: hold'],
  ])('is held by %j or not', async (hold, expected) => {
    const holds = [{ id: 'case', reason: 'a letter', ...hold }];
    expect(await fates([{ days: 120, kinds: [{}, auth] }], { holds })).toEqual([expected]);
  });
});
