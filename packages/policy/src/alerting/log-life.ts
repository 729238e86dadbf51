// What the log says of its own condition, in entries of its life.
import type { Entry } from '@audit/core';
import type { AlertCondition } from './options.ts';

/** What fired a condition. */
export interface ConditionFired {
  readonly at: number;
  readonly summary: string;
  /** How many it stands for where it is not the first; 0 where it says nothing new. Default 1. */
  readonly weight?: number;
  readonly facts?: Readonly<Record<string, string | number>>;
  readonly entry?: Entry;
}

/** What an entry of the log's own life says of a condition; its weight is 0, it may have been told as it happened. */
export function lifeFired(
  condition: AlertCondition,
  { type, data = {} }: Entry,
): Omit<ConditionFired, 'at'> | undefined {
  if (condition === 'lost' && type === 'log.gap') {
    const reasons = Object.entries((data.reasons ?? {}) as Readonly<Record<string, number>>);
    // What a handler drops, somebody chose to.
    if (reasons.every(([reason]) => reason === 'dropped')) return undefined;
    return {
      weight: 0,
      summary: 'Events are missing in the log (log.gap).',
      facts: Object.fromEntries(reasons),
    };
  }
  if (condition === 'lost' && type === 'log.recover') {
    const missing = Number(data.possiblyLost ?? 0);
    if (!(missing > 0)) return undefined;
    const summary = 'The log was not closed before it was opened: events that waited for it may be missing.';
    return { weight: 0, summary, facts: { possiblyLost: missing } };
  }
  if (condition === 'integrity' && type === 'log.verify' && typeof data.verdict === 'string') {
    if (data.verdict === 'intact') return undefined;
    return {
      weight: 0,
      summary: `The log was verified and is ${data.verdict}.`,
      facts: { verdict: data.verdict },
    };
  }
  return undefined;
}
