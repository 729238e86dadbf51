// All rules together: what fires becomes an alert, is counted because it was just told, or because it is too much.
import type { Entry, VerifyReport } from '@audit/core';
import { formatTime } from '@audit/core/internal';
import { type Alert, alertEntry, alertId, oneLine } from './alert.ts';
import { Bucket } from './bucket.ts';
import { WHOLE } from './group.ts';
import { type ConditionFired, lifeFired } from './log-life.ts';
import { isOwn } from './matcher.ts';
import { type AlertCondition, type AlertingPolicy, DEFAULT_ALERT_RATE } from './options.ts';
import { compileRule, type Fired, lookBack, type Rule, type Withheld } from './rule.ts';

/** When a rule last told of a group, as it is kept over a restart. */
export interface ToldRecord {
  readonly rule: string;
  readonly key: string;
  readonly at: number;
  readonly seq: number;
}

/** An alert, who is told, and what is not told again so soon. */
export interface Raised {
  readonly alert: Alert;
  /** Undefined: all channels. */
  readonly channels: readonly string[] | undefined;
  readonly told?: ToldRecord;
}

export interface RulesOptions {
  readonly alerting: AlertingPolicy;
  readonly origin: string;
  /** When alerting began to look at this log, in milliseconds since the epoch. */
  readonly since: number;
  readonly raise: (raised: Raised) => void;
}

/** Clocks of two machines, and of entries and timers, may be so far apart, in milliseconds. */
const MARGIN = 60_000;

export class Rules {
  readonly all: readonly Rule[];
  readonly #origin: string;
  readonly #bucket: Bucket;
  readonly #raise: (raised: Raised) => void;

  /** @throws RangeError naming what of a rule cannot be */
  constructor({ alerting, origin, since, raise }: RulesOptions) {
    this.all = Object.entries(alerting.rules ?? {}).map(([name, rule]) =>
      compileRule(name, rule, alerting.repeat, since),
    );
    this.#origin = origin;
    this.#bucket = new Bucket(alerting.rate ?? DEFAULT_ALERT_RATE);
    this.#raise = raise;
  }

  /** How far back entries must be looked at again after a restart, in milliseconds; 0 where none are. */
  get lookBack(): number {
    const longest = Math.max(0, ...this.all.map(lookBack));
    return longest === 0 ? 0 : longest + MARGIN;
  }

  /** Looks at an entry; with `again`, only to remember what a rule remembers. */
  see(entry: Entry, again = false): void {
    if (isOwn(entry)) return;
    const at = Date.parse(entry.time);
    for (const rule of this.all) {
      if (rule.match(entry)) this.#matched(rule, entry, at, again);
      else if (rule.condition !== undefined && !again) this.#seeLife(rule, entry, at);
    }
  }

  /** What `log.*` entries say of the log's condition. */
  #seeLife(rule: Rule, entry: Entry, at: number): void {
    const fired = lifeFired(rule.condition!, entry);
    if (fired !== undefined) this.#fire(rule, conditionFired({ ...fired, at, entry }), false);
  }

  #matched(rule: Rule, entry: Entry, at: number, again: boolean): void {
    const group = rule.group(entry);
    if (!again) rule.counts.matched++;
    if (rule.absences !== undefined) {
      rule.absences.seen(group, entry.seq, at);
    } else if (rule.recent.add(group.key, at)) {
      const { count, window: windowMs } = rule;
      const many = count === 1 ? {} : { count, windowMs };
      const summary = matchSummary(rule, entry);
      const fired = { at, seq: entry.seq, weight: 1, group, summary, entry: alertEntry(entry), ...many };
      this.#fire(rule, fired, again);
    }
  }

  /** A condition of the log that holds, for every rule about it. */
  condition(condition: AlertCondition, fired: ConditionFired, only?: Rule): void {
    for (const rule of this.all) {
      if (rule.condition !== condition || (only !== undefined && rule !== only)) continue;
      this.#fire(rule, conditionFired(fired), false);
    }
  }

  /** A verification ended. */
  verified(report: VerifyReport, at: number): void {
    if (report.verdict === 'intact') return;
    const codes = [...new Set(report.findings.map(({ code }) => code))].join(' ');
    const facts = { verdict: report.verdict, findings: report.findings.length, codes };
    this.condition('integrity', { at, summary: `The log was verified and is ${report.verdict}.`, facts });
  }

  /** What time alone brings about: absences, repetitions that were kept back, and what was beyond the rate. */
  sweep(now: number): void {
    for (const rule of this.all) {
      for (const { group, seq, since } of rule.absences?.gone(now) ?? []) {
        const summary = `Nothing matched rule ${rule.name} for ${seconds(now - since)}.`;
        const facts = { lastEntry: seq, since: formatTime(since) };
        // A sequence number of its own would be mistaken for an entry that was looked at.
        const told = this.#fire(rule, { at: now, seq: -1, weight: 0, group, summary, facts }, false, seq);
        if (told) rule.absences!.tell(group.key, seq);
      }
      for (const told of rule.repeats.over(now, () => rule.absences !== undefined)) {
        const { last, suppressed } = told;
        if (!this.#bucket.take()) continue;
        const summary = `${last!.summary} Again: ${suppressed} more since the last alert.`;
        this.#tell(rule, { ...last!, at: now, summary }, ['again', last!.seq, last!.at]);
      }
      if (rule.withheld !== undefined && this.#bucket.take()) this.#tellWithheld(rule, rule.withheld, now);
    }
  }

  /** What is known of before a restart. */
  restore(told: readonly ToldRecord[], withheld: Readonly<Record<string, Withheld>>): void {
    for (const rule of this.all) {
      for (const { key, at, seq } of told.filter((record) => record.rule === rule.name)) {
        rule.repeats.tell(key, at, seq);
      }
      rule.withheld = withheld[rule.name];
    }
  }

  /** Entries have been looked at again: absences that were told before the restart are known. */
  remembered(): void {
    for (const rule of this.all) {
      for (const [key, { seq }] of rule.repeats) rule.absences?.tell(key, seq);
    }
  }

  *told(): IterableIterator<ToldRecord> {
    for (const { name, repeats } of this.all) {
      for (const [key, { at, seq }] of repeats) yield { rule: name, key, at, seq };
    }
  }

  get withheld(): Readonly<Record<string, Withheld>> {
    return Object.fromEntries(this.all.flatMap(({ name, withheld }) => (withheld ? [[name, withheld]] : [])));
  }

  /** Whether somebody is told. */
  #fire(rule: Rule, fired: Fired, again: boolean, after = fired.seq): boolean {
    const { key } = fired.group;
    if (rule.repeats.suppress(key, fired, fired)) {
      if (!again) rule.counts.suppressed += fired.weight;
      return false;
    }
    // Before the restart, and not told then: not by this rule, as it is now.
    if (again) return false;
    if (!this.#bucket.take()) {
      this.#withhold(rule, fired);
      return false;
    }
    this.#tell(
      rule,
      fired,
      fired.entry === undefined ? ['at', fired.at] : [fired.seq, fired.entry.id],
      after,
    );
    return true;
  }

  #tell(rule: Rule, fired: Fired, of: readonly (string | number)[], seq = fired.seq): void {
    const { group, at, summary, count, windowMs, entry, facts } = fired;
    const suppressed = rule.repeats.tell(group.key, at, seq);
    const alert: Alert = {
      v: 1,
      id: alertId(this.#origin, rule.name, group.key, ...of),
      rule: rule.name,
      severity: rule.severity,
      origin: this.#origin,
      at: formatTime(at),
      summary: oneLine(summary),
      ...(group.shown !== undefined && { group: group.shown }),
      ...(count !== undefined && { count }),
      ...(windowMs !== undefined && { windowMs }),
      ...(suppressed > 0 && { suppressed }),
      ...(entry !== undefined && { entry }),
      ...(facts !== undefined && { facts }),
    };
    rule.counts.raised++;
    this.#raise({ alert, channels: rule.channels, told: { rule: rule.name, key: group.key, at, seq } });
  }

  #withhold(rule: Rule, { seq, weight }: Fired): void {
    // What lasts is asked again at the next sweep.
    if (seq === -1 && weight === 0) return;
    const { count, first } = rule.withheld ?? { count: 0, first: seq };
    const more = Math.max(1, weight);
    rule.withheld = { count: count + more, first, last: seq };
    rule.counts.withheld += more;
  }

  #tellWithheld(rule: Rule, { count, first, last }: Withheld, now: number): void {
    rule.withheld = undefined;
    const alert: Alert = {
      v: 1,
      id: alertId(this.#origin, rule.name, 'withheld', first, last, count),
      rule: rule.name,
      severity: rule.severity,
      origin: this.#origin,
      at: formatTime(now),
      summary: `Rule ${rule.name} fired ${count} more times than alerting.rate allows: entries ${first} to ${last}.`,
      facts: { withheld: count, first, last },
    };
    rule.counts.raised++;
    this.#raise({ alert, channels: rule.channels });
  }
}

function conditionFired({ at, summary, weight = 1, facts, entry }: ConditionFired): Fired {
  const about = entry === undefined ? {} : { entry: alertEntry(entry) };
  return { at, seq: entry?.seq ?? -1, weight, group: WHOLE, summary, ...(facts && { facts }), ...about };
}

function matchSummary({ name, count, window }: Rule, { operation, outcome, resource, actor }: Entry): string {
  const by = actor === undefined ? '' : ` by ${actor.id}`;
  const what = `${operation} on ${resource.type} ${resource.id}${by}: ${outcome}`;
  return count === 1
    ? `${name}: ${what}.`
    : `${name}: ${count} times within ${seconds(window)}, last ${what}.`;
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
