import { expect, it } from 'vitest';
import { BackOff } from '../src/connection/back-off.ts';

it('waits twice as long each time, up to a limit, and begins anew after a success', () => {
  const longest = new BackOff(100, 1_000, () => 1);
  expect([1, 2, 3, 4, 5, 6].map(() => longest.delay())).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  longest.reset();
  expect(longest.delay()).toBe(100);
});

it('never waits less than half of that, so that many who wait do not come at once', () => {
  const shortest = new BackOff(100, 1_000, () => 0);
  expect([1, 2, 3].map(() => shortest.delay())).toEqual([50, 100, 200]);
});
