// The rules of `events` as a handler of the log: what it drops is counted there. Rules are compiled once for each type.
import { type AuditEvent, CATALOGUE, type EventHandler, LEVELS, type Level } from '@audit/core';
import { levelOf } from '@audit/core/internal';
import { type EventDetail, type EventRulesOptions, OUTCOME_NAMES } from './options.ts';
import { resolveRule } from './resolve.ts';
import { isSampled } from './sampling.ts';

/** More types than any application has: they come from somebody who makes them up, and are compiled anew each time. */
const MOST_TYPES = 4_096;

/** What is done to an event on its way into the log; null where it is dropped. */
type Plan = (event: AuditEvent) => AuditEvent | null;

/** Nothing is done, which is what most types come to. */
const pass: Plan = (event) => event;

/**
 * A handler for `log.use()` that records events as the rules say. What it drops counts as `dropped`, and is told in
 * `log.gap` by type; `record()` rejects it with `DROPPED`.
 */
export function eventRules(options: EventRulesOptions = {}): EventHandler {
  return new EventRulesHandler(options).handler;
}

/** The same with rules that can be replaced while the log is open. */
export class EventRulesHandler {
  #options: EventRulesOptions;
  #plans = new Map<string, Plan>();

  constructor(options: EventRulesOptions) {
    this.#options = options;
  }

  /** From the next event on. */
  replace(options: EventRulesOptions): void {
    this.#options = options;
    this.#plans = new Map();
  }

  readonly handler: EventHandler = (event, next) => {
    // What is no event is for the log to refuse.
    if (typeof event?.type !== 'string') return next(event);
    const plan = this.#plans.get(event.type) ?? this.#compile(event.type);
    const kept = plan === pass ? event : plan(event);
    if (kept !== null) next(kept);
  };

  #compile(type: string): Plan {
    const plan = planOf(type, this.#options);
    if (this.#plans.size < MOST_TYPES) this.#plans.set(type, plan);
    return plan;
  }
}

function planOf(type: string, options: EventRulesOptions): Plan {
  const { enabled, level, detail, sample = 1, sampleSecurity = false } = resolveRule(type, options);
  const steps: Plan[] = [];
  if (enabled === false) return () => null;
  if (level !== undefined) steps.push((event) => ({ ...event, level }));
  const { least = 'debug', always = [] } = options;
  if (enabled === undefined && least !== 'debug') {
    steps.push((event) => {
      const category = event.category ?? CATALOGUE.get(type)?.category;
      const kept = isAtLeast(levelFor(event), least) || (category !== undefined && always.includes(category));
      return kept ? event : null;
    });
  }
  if (sample < 1) {
    steps.push((event) =>
      (!sampleSecurity && isAtLeast(levelFor(event), 'security')) || isSampled(event, sample) ? event : null,
    );
  }
  if (detail !== undefined && detail !== 'request-response') steps.push((event) => reduced(event, detail));
  if (steps.length === 0) return pass;
  return (event) => {
    let current: AuditEvent | null = event;
    for (const step of steps) {
      current = step(current);
      if (current === null) return null;
    }
    return current;
  };
}

/** The level the entry will have. */
function levelFor({ type, level, outcome, data }: AuditEvent): Level {
  if (level !== undefined) return level;
  const rule = CATALOGUE.get(type)?.level;
  // Rules of the catalogue look at plain members, whatever else `data` holds.
  return rule === undefined ? 'info' : levelOf(rule, { outcome, data: (data ?? {}) as never });
}

function isAtLeast(level: Level, least: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}

function reduced(event: AuditEvent, detail: EventDetail): AuditEvent {
  const { data, ...rest } = event;
  if (data === undefined || data === null) return event;
  if (event.type === 'http.request') {
    return {
      ...rest,
      data: without(data, detail === 'metadata' ? ['requestBody', 'responseBody'] : ['responseBody']),
    };
  }
  return detail === 'metadata' ? rest : { ...rest, data: without(data, OUTCOME_NAMES) };
}

function without(data: Readonly<Record<string, unknown>>, names: readonly string[]) {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !names.includes(name)));
}
