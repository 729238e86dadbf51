// What follows from findings: a decision by thresholds, and a score to sort by.
import type { Severity } from '@audit/core';
import { oneOf } from '../check.ts';
import { type ScanReport, SEVERITIES } from './report.ts';

/** What is to be done with what was assessed. */
export type Decision = 'allow' | 'review' | 'block';

/** A severity, or `never`. */
export type Threshold = Severity | 'never';

/** From this severity on. */
export const DEFAULT_BLOCK: Threshold = 'high';
/** From this severity on. */
export const DEFAULT_REVIEW: Threshold = 'medium';

export interface Thresholds {
  readonly block: Threshold;
  readonly review: Threshold;
}

/** @throws RangeError naming the option */
export function resolveThresholds(options: {
  readonly block?: Threshold | undefined;
  readonly review?: Threshold | undefined;
}): Thresholds {
  const words: readonly Threshold[] = [...SEVERITIES, 'never'];
  const block = oneOf('block', options.block ?? DEFAULT_BLOCK, words);
  const review = oneOf('review', options.review ?? DEFAULT_REVIEW, words);
  const rank = (threshold: Threshold) => SEVERITIES.indexOf(threshold as Severity);
  const bothGiven = options.block !== undefined && options.review !== undefined;
  if (bothGiven && review !== 'never' && rank(review) < rank(block)) {
    throw new RangeError(
      `options.review is ${review}, and ${block} blocks already: it has no effect, use never or something milder`,
    );
  }
  return { block, review };
}

/** A scan that is not whole cannot allow anything: what was not looked at may be the worst of it. */
export function decide({ counts, errors }: ScanReport, { block, review }: Thresholds): Decision {
  const reaches = (threshold: Threshold) =>
    threshold !== 'never' &&
    SEVERITIES.slice(0, SEVERITIES.indexOf(threshold) + 1).some((severity) => counts[severity] > 0);
  if (reaches(block)) return 'block';
  return reaches(review) || errors > 0 ? 'review' : 'allow';
}

const WEIGHTS: Readonly<Record<Severity, number>> = {
  critical: 0.8,
  high: 0.4,
  medium: 0.1,
  low: 0.02,
  info: 0,
};

/**
 * From 0 (nothing found) towards 100: 100 × (1 − Π (1 − w)ⁿ) over the severities, with w 0.8, 0.4, 0.1, 0.02, 0 from the
 * worst. One decimal. A number to sort by; it measures nothing.
 */
export function scoreOf({ counts }: ScanReport): number {
  const left = SEVERITIES.reduce(
    (product, severity) => product * (1 - WEIGHTS[severity]) ** counts[severity],
    1,
  );
  return Math.round((1 - left) * 1_000) / 10;
}
