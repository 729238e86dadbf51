// Whether a policy records less than another did: rule by rule over every kind of type there is between them.
import { type Category, DETAILS, type Detail, type DetailRule, LEVELS, type Level } from '@audit/core';
import { EVENT_DETAILS, type EventRule, type EventRulesOptions } from '../events/options.ts';
import { covers, resolveRule } from '../events/resolve.ts';
import { fingerprint } from './fingerprint.ts';

/** Behind a beginning, no type goes on like this: it stands for all types that no more specific rule covers. */
const ANY_OTHER = '\u0001';

/** Whether one member of a rule says less than it did. */
type Weaker = (before: EventRule, after: EventRule, ways: Ways) => boolean;

interface Ways {
  readonly before: EventRulesOptions;
  readonly after: EventRulesOptions;
}

const WEAKER: Readonly<Record<keyof EventRule, Weaker>> = {
  enabled: (before, after, ways) => recorded(before, ways.before) > recorded(after, ways.after),
  // A level of its own replaces whatever the event says, so only the highest is sure to be none below that.
  level: (before, after) =>
    rank(LEVELS, after.level ?? 'debug') < rank(LEVELS, before.level ?? 'critical') &&
    before.level !== after.level,
  detail: (before, after) =>
    rank(EVENT_DETAILS, after.detail ?? 'request-response') <
    rank(EVENT_DETAILS, before.detail ?? 'request-response'),
  sample: (before, after) => (after.sample ?? 1) < (before.sample ?? 1),
  sampleSecurity: (before, after) => samplesSecurity(after) && !samplesSecurity(before),
};

/** Whether a member of the rules that a pattern reaches says less for any type than it did. */
export function recordsLess(
  member: keyof EventRule,
  pattern: string,
  before: EventRulesOptions,
  after: EventRulesOptions,
): boolean {
  return representatives(before, after)
    .filter((type) => covers(pattern, type))
    .some((type) => WEAKER[member](resolveRule(type, before), resolveRule(type, after), { before, after }));
}

/** The same of everything, and of what is recorded by level and category. */
export function recordsLessAtAll(before: EventRulesOptions, after: EventRulesOptions): boolean {
  const members = Object.keys(WEAKER) as (keyof EventRule)[];
  return (
    rank(LEVELS, leastOf(after)) > rank(LEVELS, leastOf(before)) ||
    (leastOf(after) !== 'debug' && lost(before.always, after.always)) ||
    members.some((member) => recordsLess(member, '*', before, after))
  );
}

/** Whether a category is no longer recorded whatever the level. */
function lost(before: readonly Category[] = [], after: readonly Category[] = []): boolean {
  return before.some((category) => !after.includes(category));
}

/** Whether less of an HTTP exchange may be recorded: only one detail for all is surely no less than some rules. */
export function detailsLess(
  before: Detail | readonly DetailRule[],
  after: Detail | readonly DetailRule[],
): boolean {
  if (fingerprint(before) === fingerprint(after)) return false;
  const always = constantDetail(after);
  return always === undefined || rank(DETAILS, always) < rank(DETAILS, mostDetail(before));
}

function constantDetail(detail: Detail | readonly DetailRule[]): Detail | undefined {
  if (typeof detail === 'string') return detail;
  const [first] = detail;
  if (first === undefined) return 'metadata';
  return Object.keys(first).length === 1 ? first.detail : undefined;
}

function mostDetail(detail: Detail | readonly DetailRule[]): Detail {
  if (typeof detail === 'string') return detail;
  const all: readonly Detail[] = [...detail.map((rule) => rule.detail), 'metadata'];
  return all.reduce((a, b) => (rank(DETAILS, b) > rank(DETAILS, a) ? b : a));
}

/** One type for each region in which the same rules hold. */
function representatives(...all: readonly EventRulesOptions[]): readonly string[] {
  const patterns = all.flatMap(({ events = {}, fallback = {} }) => [
    ...Object.keys(events),
    ...Object.keys(fallback),
  ]);
  const types = [...new Set([...patterns, '*'])];
  return types.map((pattern) => (pattern.endsWith('*') ? pattern.slice(0, -1) + ANY_OTHER : pattern));
}

/** 2: whatever they are · 1: by level and category · 0: not. */
function recorded({ enabled }: EventRule, { least = 'debug' }: EventRulesOptions): number {
  if (enabled === false) return 0;
  return enabled === true || least === 'debug' ? 2 : 1;
}

function samplesSecurity({ sample = 1, sampleSecurity = false }: EventRule): boolean {
  return sample < 1 && sampleSecurity;
}

function leastOf({ least = 'debug' }: EventRulesOptions): Level {
  return least;
}

function rank<T>(order: readonly T[], value: T): number {
  return order.indexOf(value);
}
