import { describe, expect, it } from 'vitest';
import { Threshold, type ThresholdTiming } from '../../src/resources/threshold.ts';

const TIMING: ThresholdTiming = { sustainedMs: 30, calmMs: 30, updateInterval: 100, release: 0.9 };

/** The phases that values, one every 10 ms, lead to: `phase@time`. */
function phases(values: readonly (number | null)[], timing: Partial<ThresholdTiming> = {}, forMs?: number) {
  const threshold = new Threshold({ ...TIMING, ...timing });
  const told: string[] = [];
  values.forEach((observed, index) => {
    const reading = observed === null ? null : { observed, limit: 100, unit: 'bytes', forMs };
    const phase = threshold.read(reading, index * 10);
    if (phase === undefined) return;
    told.push(`${phase}@${index * 10} for ${threshold.sustainedMs(index * 10)}, peak ${threshold.peak}`);
    if (phase === 'closed') threshold.reset();
  });
  return told;
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('a threshold', () => {
  it('opens once it was over for long enough, and closes once it was under for long enough', () => {
    expect(phases([50, ...times(6, 120), ...times(6, 50)])).toEqual([
      'opened@40 for 30, peak 120',
      'closed@100 for 60, peak 120',
    ]);
  });

  it('does not open for a peak that does not last', () => {
    expect(phases([120, 130, 120, 99, 120, 120, 120, 50])).toEqual([]);
  });

  it('opens at the limit itself', () => {
    expect(phases(times(4, 100))).toEqual(['opened@30 for 30, peak 100']);
  });

  it('stays open for a value that goes to and fro across the limit', () => {
    const flapping = Array.from({ length: 9 }, (_, index) => (index % 2 === 0 ? 120 : 95));
    expect(phases([...times(4, 120), ...flapping])).toEqual(['opened@30 for 30, peak 120']);
    // Nor for one that comes to rest just below it.
    expect(phases([...times(4, 120), ...times(9, 95), ...times(4, 89)])).toEqual([
      'opened@30 for 30, peak 120',
      'closed@160 for 130, peak 120',
    ]);
    // Nor is it over when it drops below the release for a moment.
    expect(phases([...times(4, 120), 10, 10, 120, 10, 10, 120])).toEqual(['opened@30 for 30, peak 120']);
  });

  it('is told again at a set pace, with the highest value so far', () => {
    expect(phases([...times(4, 120), 150, ...times(20, 110)])).toEqual([
      'opened@30 for 30, peak 120',
      'updated@130 for 130, peak 150',
      'updated@230 for 230, peak 150',
    ]);
  });

  it('counts the time a rate tells of', () => {
    expect(phases([120], {}, 30)).toEqual(['opened@0 for 30, peak 120']);
    expect(phases([120, 20], {}, 30)).toEqual(['opened@0 for 30, peak 120', 'closed@10 for 10, peak 120']);
  });

  it('closes where the limit does not apply any more', () => {
    expect(phases([...times(4, 120), ...times(4, null)])).toEqual([
      'opened@30 for 30, peak 120',
      'closed@70 for 40, peak 120',
    ]);
  });

  it('opens anew after it was closed', () => {
    const instant = { sustainedMs: 0, calmMs: 0 };
    expect(phases([120, 50, 130, 50], instant)).toEqual([
      'opened@0 for 0, peak 120',
      'closed@10 for 10, peak 120',
      'opened@20 for 0, peak 130',
      'closed@30 for 10, peak 130',
    ]);
  });
});
