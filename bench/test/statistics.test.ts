import { describe, expect, test } from 'vitest';
import { median, pairedRatio } from '../src/statistics.ts';

describe('the median', () => {
  test('is the middle value, or the mean of the two in the middle, in whatever order they come', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([10, 9, 100])).toBe(10);
  });

  test('of nothing is refused, and the values handed in stay as they are', () => {
    expect(() => median([])).toThrow(RangeError);
    const values = [2, 1];
    median(values);
    expect(values).toEqual([2, 1]);
  });
});

describe('the ratio of paired rounds', () => {
  test('is exact where every round has the same', () => {
    const ratio = pairedRatio([90, 180, 45], [100, 200, 50]);
    expect(ratio).toEqual({ ratio: 0.9, lower: 0.9, upper: 0.9, rounds: 3 });
  });

  test('is not moved by what slows a whole round down', () => {
    // The rates differ five times over, the two of a round by 4 to 6 %.
    const peers = [1_000, 5_000, 200, 3_000, 4_000, 800, 2_500, 1_500];
    const ours = peers.map((rate, round) => rate * (0.94 + 0.01 * (round % 3)));
    const { ratio, lower, upper } = pairedRatio(ours, peers);
    expect(ratio).toBeCloseTo(0.95, 10);
    expect(lower).toBeGreaterThanOrEqual(0.94);
    expect(upper).toBeLessThanOrEqual(0.96);
  });

  test('has an interval that widens with the spread of the rounds and holds the median', () => {
    const peers = Array.from({ length: 12 }, () => 100);
    const near = pairedRatio([98, 99, 100, 101, 102, 98, 99, 100, 101, 102, 100, 100], peers);
    const far = pairedRatio([80, 90, 100, 110, 120, 80, 90, 100, 110, 120, 100, 100], peers);
    expect(near.lower).toBeLessThan(near.ratio);
    expect(near.upper).toBeGreaterThan(near.ratio);
    expect(far.upper - far.lower).toBeGreaterThan(near.upper - near.lower);
  });

  test('holds the true ratio in about 95 of 100 runs', () => {
    // Rounds drawn around 0.97; the seed makes the count the same each time.
    let state = 42;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    let held = 0;
    for (let run = 0; run < 100; run++) {
      const peers = Array.from({ length: 15 }, () => 100);
      const ours = peers.map((rate) => rate * (0.97 + (random() + random() - 1) * 0.1));
      const { lower, upper } = pairedRatio(ours, peers, run);
      if (lower <= 0.97 && upper >= 0.97) held++;
    }
    expect(held).toBeGreaterThanOrEqual(88);
    expect(held).toBeLessThan(100);
  });

  test('of rounds that do not pair up is refused', () => {
    expect(() => pairedRatio([1, 2], [1])).toThrow(RangeError);
  });
});
