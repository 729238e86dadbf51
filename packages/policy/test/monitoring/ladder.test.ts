// Which action free space calls for, and that it does not come and go.
import { describe, expect, test } from 'vitest';
import { actionFor, type DiskAction, type DiskLadder } from '../../src/monitoring/disk/ladder.ts';
import { sizeInWords } from '../../src/monitoring/disk/space.ts';

const ladder: DiskLadder = {
  warn: { share: 0.2 },
  alert: { bytes: 100 },
  refuse: { share: 0.05 },
  halt: { bytes: 10 },
};

/** The actions in force as the free space of a disk of 1,000 bytes changes. */
function actions(frees: readonly number[], rungs: DiskLadder = ladder): (DiskAction | null)[] {
  let current: DiskAction | null = null;
  return frees.map((free) => {
    current = actionFor({ free, size: 1_000 }, rungs, current);
    return current;
  });
}

describe('the ladder', () => {
  test('is climbed rung by rung, and by several at once', () => {
    expect(actions([500, 200, 199, 99, 49, 9])).toEqual([null, null, 'warn', 'alert', 'refuse', 'halt']);
    expect(actions([500, 0])).toEqual([null, 'halt']);
    expect(actions([0, 1_000])).toEqual(['halt', null]);
  });

  test('is descended only with a tenth more room than it was climbed at', () => {
    expect(actions([199, 205, 219, 221])).toEqual(['warn', 'warn', 'warn', null]);
    expect(actions([49, 54, 56, 109, 111, 219, 221])).toEqual([
      ...(['refuse', 'refuse', 'alert', 'alert', 'warn', 'warn', null] as const),
    ]);
  });

  test('does not flutter at a threshold', () => {
    const around = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 198 : 202));
    expect(new Set(actions(around))).toEqual(new Set(['warn']));
  });

  test('has no rung that is not named', () => {
    expect(actions([1_000, 0], {})).toEqual([null, null]);
    expect(actions([1_000, 0], { spool: { share: 0.5 } })).toEqual([null, 'spool']);
  });
});

test.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1 KiB'],
  [12.5 * 1024 ** 2, '12.5 MiB'],
  [3 * 1024 ** 4, '3 TiB'],
  [5_000 * 1024 ** 4, '5000 TiB'],
])('%d bytes are %s', (bytes, words) => {
  expect(sizeInWords(bytes)).toBe(words);
});
