// One rule made ready: what it looks for, what it remembers, what it counts.
import type { Entry, Level } from '@audit/core';
import { Absences } from './absences.ts';
import type { AlertEntry } from './alert.ts';
import { compileGroup, type Group } from './group.ts';
import { compileMatch } from './matcher.ts';
import {
  type AlertCondition,
  type AlertRule,
  DEFAULT_ALERT_REPEAT,
  DEFAULT_ALERT_WINDOW,
} from './options.ts';
import { RecentMatches } from './recent.ts';
import { Repeats, type Timed } from './repeats.ts';
import { ruleProblem } from './rule-problem.ts';

/** A rule that fired. */
export interface Fired extends Timed {
  readonly group: Group;
  readonly summary: string;
  readonly count?: number;
  readonly windowMs?: number;
  readonly entry?: AlertEntry;
  readonly facts?: Readonly<Record<string, string | number>>;
}

/** What a rule did since alerting was started. */
export interface RuleCounts {
  matched: number;
  raised: number;
  /** Fired again within `repeat`. */
  suppressed: number;
  /** Fired beyond the rate of all rules together. */
  withheld: number;
}

/** Fired beyond the rate, and not told yet. */
export interface Withheld {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

export interface Rule {
  readonly name: string;
  readonly condition: AlertCondition | undefined;
  readonly diskFree: AlertRule['diskFree'];
  readonly severity: Level;
  /** Undefined: all. */
  readonly channels: readonly string[] | undefined;
  readonly count: number;
  readonly window: number;
  readonly absentFor: number;
  readonly repeat: number;
  readonly match: (entry: Entry) => boolean;
  readonly group: (entry: Entry) => Group;
  readonly recent: RecentMatches;
  /** Undefined where the rule is not about absence. */
  readonly absences: Absences | undefined;
  readonly repeats: Repeats<Fired>;
  readonly counts: RuleCounts;
  withheld: Withheld | undefined;
}

/**
 * @param since when alerting began to look at this log, in milliseconds since the epoch
 * @throws RangeError naming what of the rule cannot be
 */
export function compileRule(name: string, rule: AlertRule, repeat: number | undefined, since: number): Rule {
  const place = `alerting.rules.${name}`;
  const { match, condition, count = 1, window = DEFAULT_ALERT_WINDOW, absentFor = 0, groupBy = [] } = rule;
  const problem = ruleProblem(rule);
  if (problem !== undefined) throw new RangeError(`${place}.${problem.option} ${problem.message}`);
  return {
    name,
    condition,
    diskFree: rule.diskFree,
    severity: rule.severity ?? (condition === undefined ? 'warning' : 'critical'),
    channels: rule.channels,
    ...{ count, window, absentFor },
    repeat: rule.repeat ?? repeat ?? DEFAULT_ALERT_REPEAT,
    match: match === undefined ? () => false : compileMatch(match, `${place}.match`),
    group: compileGroup(groupBy, `${place}.groupBy`),
    recent: new RecentMatches(count, window),
    absences: absentFor > 0 ? new Absences(absentFor, groupBy.length > 0 ? undefined : since) : undefined,
    repeats: new Repeats(rule.repeat ?? repeat ?? DEFAULT_ALERT_REPEAT),
    counts: { matched: 0, raised: 0, suppressed: 0, withheld: 0 },
    withheld: undefined,
  };
}

/** How far back a rule must look to go on after a restart, in milliseconds. */
export function lookBack(rule: Rule): number {
  const counted = rule.count > 1 ? rule.window : 0;
  const told = [...rule.repeats].length > 0 ? rule.repeat : 0;
  return Math.max(counted, rule.absentFor) + told;
}
