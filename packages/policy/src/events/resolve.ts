// Which rule holds for a type: the most specific one, member by member. Imports types only.
import type { EventRule, EventRules, EventRulesOptions } from './options.ts';

/** Types whose entries say what became of the log and its policy: no rule of `events` reaches them. */
export function isProtected(type: string): boolean {
  return type.startsWith('log.') || type === 'system.config_change';
}

/** Whether a pattern covers a type. */
export function covers(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}

/** The rule of a type, put together from all that cover it: exact before longer before shorter, `events` before `fallback`. */
export function resolveRule(type: string, { events = {}, fallback = {} }: EventRulesOptions): EventRule {
  if (isProtected(type)) return {};
  const rules = [...covering(type, events), ...covering(type, fallback)];
  return Object.assign({}, ...rules.reverse().map(said)) as EventRule;
}

function covering(type: string, rules: EventRules): EventRule[] {
  return Object.entries(rules)
    .filter(([pattern]) => covers(pattern, type))
    .sort(([a], [b]) => specificity(b) - specificity(a))
    .map(([, rule]) => rule);
}

/** An exact type is the most specific, then the longer beginning. */
export function specificity(pattern: string): number {
  return pattern.endsWith('*') ? pattern.length - 1 : Number.POSITIVE_INFINITY;
}

/** A member that is undefined says nothing. */
function said(rule: EventRule): EventRule {
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
}
