// What of a rule cannot be, or would have no effect. Says it of rules from a file and from code alike.
import { LEVELS } from '@audit/core';
import { ALERT_CONDITIONS, type AlertRule } from './options.ts';

/** Highest `count` of a rule: so many times are kept for each group. */
export const MAX_ALERT_COUNT = 100_000;

export interface RuleProblem {
  readonly option: keyof AlertRule;
  /** The end of a sentence that begins with the option. */
  readonly message: string;
}

export function ruleProblem(rule: AlertRule): RuleProblem | undefined {
  const { match, condition, count, window, absentFor, groupBy, diskFree } = rule;
  const given = (option: keyof AlertRule) => rule[option] !== undefined;
  if (match === undefined && condition === undefined)
    return { option: 'match', message: 'is needed, or condition: a rule must say what it is about' };
  if (match !== undefined && Object.values(match).every((value) => value === undefined))
    return { option: 'match', message: 'says nothing: give type, level or another of its keys' };
  if (condition !== undefined) {
    if (!ALERT_CONDITIONS.includes(condition))
      return { option: 'condition', message: `must be one of ${ALERT_CONDITIONS.join(', ')}` };
    const idle = (['match', 'count', 'window', 'absentFor', 'groupBy'] as const).find(given);
    if (idle !== undefined)
      return { option: idle, message: 'has no effect with condition: leave one of them out' };
  }
  if (condition === 'disk' && diskFree === undefined)
    return { option: 'diskFree', message: 'is needed with condition disk' };
  if (condition !== 'disk' && diskFree !== undefined)
    return { option: 'diskFree', message: 'has no effect without condition disk' };
  if (absentFor !== undefined && (given('count') || given('window')))
    return { option: 'absentFor', message: 'cannot be with count or window: one rule counts, another waits' };
  if (window !== undefined && (count ?? 1) === 1)
    return { option: 'window', message: 'has no effect unless count is 2 or more' };
  if (count !== undefined && !(Number.isSafeInteger(count) && count >= 1 && count <= MAX_ALERT_COUNT))
    return { option: 'count', message: `must be a whole number from 1 to ${MAX_ALERT_COUNT}` };
  for (const option of ['window', 'absentFor'] as const) {
    const time = rule[option];
    if (time !== undefined && !(Number.isFinite(time) && time > 0))
      return { option, message: 'must be a time in milliseconds of more than 0' };
  }
  if (rule.repeat !== undefined && !(Number.isFinite(rule.repeat) && rule.repeat >= 0))
    return { option: 'repeat', message: 'must be a time in milliseconds' };
  if (rule.severity !== undefined && !LEVELS.includes(rule.severity))
    return { option: 'severity', message: `must be one of ${LEVELS.join(', ')}` };
  if (groupBy?.length === 0) return { option: 'groupBy', message: 'must name a place, or be left out' };
  return undefined;
}
