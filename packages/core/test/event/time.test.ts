import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, parseTime } from '../../src/event/time.ts';

describe('times', () => {
  it('are written as Date writes them and read back', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0000-01-01'),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        }),
        (date) => {
          const text = formatTime(date.getTime());
          expect(text).toBe(date.toISOString());
          expect(parseTime(text)).toBe(date.getTime());
        },
      ),
    );
  });

  it('of one second share all but their milliseconds', () => {
    for (const ms of [0, 1, 9, 10, 99, 100, 999])
      expect(formatTime(1_700_000_000_000 + ms)).toBe(new Date(1_700_000_000_000 + ms).toISOString());
  });

  it.each([Number.NaN, Infinity, 8e15, -1e14])('%s is refused', (ms) => {
    expect(() => formatTime(ms)).toThrow(RangeError);
  });

  it.each([
    '2026-11-22',
    '2026-11-22T08:31:26Z',
    '2026-11-22T08:31:26.1234Z',
    '2026-02-29T00:00:00.000Z',
    '2026-11-22t08:31:26.123z',
    '2026-11-22T24:00:00.000Z',
    '+002026-11-22T08:31:26.123Z',
    ' 2026-11-22T08:31:26.123Z',
  ])('%s is no time of an entry', (text) => {
    expect(parseTime(text)).toBeNull();
  });
});
