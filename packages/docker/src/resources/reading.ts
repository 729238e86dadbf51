// What a limit is compared with: observed values out of one sample, or the difference of two. Pure.
import type { LimitRule } from './rule.ts';
import type { Sample } from './sample.ts';

export interface Reading {
  readonly observed: number;
  /** The value that is not to be reached, in the unit of `observed`. */
  readonly limit: number;
  /** What the container may have at most, where the limit is part of that. */
  readonly capacity?: number | undefined;
  readonly unit: string;
  /** When what was observed began, where it is a rate: the time of the sample before. Engine's clock. */
  readonly forMs?: number | undefined;
}

/** Fewer periods than these since the last sample are an idle container, of which a share says nothing. */
export const MIN_CPU_PERIODS = 5;

/**
 * Undefined where this sample does not tell; null where the limit does not apply to the container (any more): a
 * share of a limit that it does not have.
 */
export function readingOf(
  rule: LimitRule,
  sample: Sample,
  before: Sample | undefined,
): Reading | null | undefined {
  switch (rule.kind) {
    case 'memory':
      return sample.memory && against(rule, sample.memory.used, sample.memory.limit, 'bytes');
    case 'pids':
      return sample.pids && against(rule, sample.pids.current, sample.pids.limit, 'processes');
    case 'cpu':
      return throttling(rule, sample, before);
    case 'disk':
      return rate(rule, before, sample, ({ diskBytes }) => diskBytes);
    case 'network':
      return rate(rule, before, sample, ({ networkBytes }) => networkBytes);
    default:
      return undefined;
  }
}

function against(
  { threshold }: LimitRule,
  observed: number,
  capacity: number | undefined,
  unit: string,
): Reading | null {
  if (threshold.share === undefined) return { observed, limit: threshold.amount, capacity, unit };
  if (capacity === undefined) return null;
  // 0.55 · 100 is a little more than 55 for a computer, which is not yet 56.
  return { observed, limit: Math.ceil(threshold.share * capacity - 1e-6), capacity, unit };
}

function throttling(
  { threshold }: LimitRule,
  sample: Sample,
  before: Sample | undefined,
): Reading | undefined {
  if (sample.cpu === undefined || before?.cpu === undefined || threshold.share === undefined)
    return undefined;
  const periods = sample.cpu.periods - before.cpu.periods;
  const throttled = sample.cpu.throttled - before.cpu.throttled;
  const forMs = sample.at - before.at;
  if (periods < 0 || throttled < 0 || forMs <= 0) return undefined;
  const observed = periods < MIN_CPU_PERIODS ? 0 : Math.min(1, round(throttled / periods));
  return { observed, limit: threshold.share, unit: 'ratio', forMs };
}

function rate(
  { threshold }: LimitRule,
  before: Sample | undefined,
  sample: Sample,
  counter: (sample: Sample) => number | undefined,
): Reading | undefined {
  const [from, to] = [before && counter(before), counter(sample)];
  if (before === undefined || from === undefined || to === undefined) return undefined;
  const forMs = sample.at - before.at;
  if (to < from || forMs <= 0 || threshold.amount === undefined) return undefined;
  return {
    observed: Math.round(((to - from) / forMs) * 1_000),
    limit: threshold.amount,
    unit: 'bytes/s',
    forMs,
  };
}

function round(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
