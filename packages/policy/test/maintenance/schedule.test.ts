// When a job is due.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkSchedule, dueAt, type Runs, type Schedule } from '../../src/maintenance/schedule.ts';

const retry = { min: 60_000, max: 3_600_000 };
const HOUR = 3_600_000;
const never: Runs = { since: 0, succeededAt: null, failedAt: null, failures: 0 };
const at = (text: string) => Date.parse(text);

describe('an interval', () => {
  const hourly = { every: HOUR };

  test('is due at once where it never ran, and then from one beginning to the next', () => {
    expect(dueAt(hourly, never, retry, 5)).toBe(0);
    expect(dueAt(hourly, { ...never, succeededAt: 1_000 }, retry, 2_000)).toBe(1_000 + HOUR);
  });

  test('is due in the past where it was missed', () => {
    expect(dueAt(hourly, { ...never, succeededAt: 0 }, retry, 100 * HOUR)).toBe(HOUR);
  });

  test('is not put off by a clock that was set back', () => {
    expect(dueAt(hourly, { ...never, succeededAt: 1_000 * HOUR }, retry, 5 * HOUR)).toBe(6 * HOUR);
    expect(dueAt(hourly, { ...never, since: 1_000 * HOUR }, retry, 5 * HOUR)).toBe(5 * HOUR);
  });
});

describe('a run that failed', () => {
  const due = (failures: number, schedule: Schedule = { every: 60 * 60_000 }) =>
    dueAt(schedule, { since: 0, succeededAt: null, failedAt: 0, failures }, retry, 0) / 60_000;

  test('is tried again after twice as long each time, up to the longest', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => due(failures))).toEqual([
      ...[1, 2, 4, 8, 16, 32, 60, 60, 60],
    ]);
  });
});

describe('a time of day', () => {
  const before = process.env.TZ;
  beforeEach(() => {
    process.env.TZ = 'Europe/Berlin';
  });
  afterEach(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });
  const now = at('2030-01-01T00:00:00Z');
  const next = (time: string, after: string) =>
    new Date(dueAt({ at: time }, { ...never, succeededAt: at(after) }, retry, now)).toISOString();

  test('is the next one of the clock on the wall', () => {
    expect(next('03:30', '2026-01-10T02:00:00Z')).toBe('2026-01-10T02:30:00.000Z');
    expect(next('03:30', '2026-01-10T02:30:00Z')).toBe('2026-01-11T02:30:00.000Z');
    expect(next('03:30', '2026-07-10T12:00:00Z')).toBe('2026-07-11T01:30:00.000Z');
    expect(next('00:00', '2026-12-31T12:00:00Z')).toBe('2026-12-31T23:00:00.000Z');
  });

  test('comes once a day also where daylight saving leaves it out, or has it twice', () => {
    // 29 March 2026, 02:00 becomes 03:00; 25 October 2026, 03:00 becomes 02:00.
    expect(next('02:30', '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:30:00.000Z');
    expect(next('02:30', '2026-03-29T01:30:00Z')).toBe('2026-03-30T00:30:00.000Z');
    expect(next('02:30', '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(next('02:30', '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z');
  });

  test('is waited for where the job is new, and in the past where it was missed', () => {
    const since = at('2026-01-10T12:00:00Z');
    expect(dueAt({ at: '03:30' }, { ...never, since }, retry, since)).toBe(at('2026-01-11T02:30:00Z'));
    expect(dueAt({ at: '03:30' }, { ...never, since }, retry, now)).toBe(at('2026-01-11T02:30:00Z'));
  });
});

test.each([{ every: 0 }, { every: 1.5 }, { every: Number.NaN }, { at: '3:30' }, { at: '24:00' }, { at: '' }])(
  '%j is no schedule',
  (schedule) => {
    expect(() => checkSchedule(schedule)).toThrow(RangeError);
  },
);
