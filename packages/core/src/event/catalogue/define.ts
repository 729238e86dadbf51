// What makes event constructors: one factory for the catalogue's types and for a project's own.
import { toJson } from '../convert.ts';
import {
  type Actor,
  type AuditEvent,
  CATEGORIES,
  type Category,
  type EventError,
  type JsonObject,
  LEVELS,
  type Level,
  type Outcome,
  type Resource,
  type Trace,
} from '../model.ts';
import { isType } from '../validate.ts';
import { CATALOGUE, type LevelInput, type LevelRule, levelOf } from './catalogue.ts';

/**
 * What every constructor takes besides its own facts: all of it optional, all of it as in `AuditEvent`.
 * `operation`, `resource` and `outcome` have defaults by type.
 */
export interface Common {
  readonly operation?: string | undefined;
  readonly resource?: Resource | undefined;
  readonly outcome?: Outcome | undefined;
  readonly level?: Level | undefined;
  readonly id?: string | undefined;
  readonly occurredAt?: string | Date | undefined;
  readonly error?: EventError | Error | undefined;
  readonly actor?: Actor | undefined;
  readonly trace?: Trace | undefined;
}

/** The facts of an event (its `data`), and what surrounds them. */
export type EventInput<Data extends object> = Data &
  Common & { readonly data?: Readonly<Record<string, unknown>> };

/** Constructs one type of event. Facts go into `data`; `data` of the input is added to them. */
export type EventConstructor<Data extends object> = (input: EventInput<Data>) => AuditEvent;

const COMMON: ReadonlySet<string> = new Set([
  ...['operation', 'resource', 'outcome', 'level', 'id', 'occurredAt', 'error', 'actor', 'trace', 'data'],
]);

export interface EventDefaults<Data extends object> {
  /** Default: the type's last word. */
  readonly operation?: string | ((facts: Data) => string);
  /** What the event is about, from its facts. */
  readonly resource: (facts: Data) => Resource;
  /** Facts that `data` calls by a name the envelope has too: fact → name in `data`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Default `success`. */
  readonly outcome?: Outcome | ((facts: Data) => Outcome);
}

/** A definition of a project's own event type. */
export interface EventDefinition<Data extends object> extends EventDefaults<Data> {
  /** Dotted lower-case name that the catalogue does not have, e.g. `invoice.approve`. */
  readonly type: string;
  readonly category: Category;
  /** Default `info`; or a rule over outcome and `data`. */
  readonly level?: LevelRule;
}

/**
 * A constructor for a project's own event type, typed like those of the catalogue:
 *
 * ```ts
 * const invoiceApprove = defineEvent<{ invoice: string; amount: number }>({
 *   type: 'invoice.approve',
 *   category: 'data_access',
 *   level: ({ data }) => (Number(data.amount) > 10_000 ? 'warning' : 'info'),
 *   resource: ({ invoice }) => ({ type: 'invoice', id: invoice }),
 * });
 * await audit.record(invoiceApprove({ invoice: 'i17', amount: 12_500 }));
 * ```
 *
 * @throws RangeError for a type, category or level that cannot be
 */
export function defineEvent<Data extends object>(definition: EventDefinition<Data>): EventConstructor<Data> {
  const { type, category, level = 'info' } = definition;
  if (!isType(type)) throw new RangeError(`type: "${type}" must be a dotted lower-case name`);
  if (CATALOGUE.has(type) || type.startsWith('log.'))
    throw new RangeError(`type: "${type}" is the catalogue's own`);
  if (!CATEGORIES.includes(category))
    throw new RangeError(`category: "${category}" must be one of ${CATEGORIES.join(', ')}`);
  if (typeof level === 'string' && !LEVELS.includes(level)) {
    throw new RangeError(`level: "${level}" must be one of ${LEVELS.join(', ')}`);
  }
  const construct = eventOf<Data>(type, definition);
  return (input) => {
    const event = construct(input);
    return { ...event, category, level: event.level ?? ownLevel(level, event) };
  };
}

function ownLevel(rule: LevelRule, event: AuditEvent): Level {
  if (typeof rule === 'string') return rule;
  const data = toJson(event.data ?? {}) as JsonObject;
  const input: LevelInput = { outcome: event.outcome, data };
  return levelOf(rule, input);
}

/** A constructor of a type whose category and level the catalogue knows. */
export function eventOf<Data extends object>(
  type: string,
  defaults: EventDefaults<Data>,
): EventConstructor<Data> {
  const operation = defaults.operation ?? type.slice(type.lastIndexOf('.') + 1);
  const outcome = defaults.outcome ?? 'success';
  return (input) => {
    const facts: Record<string, unknown> = {};
    const event: Record<string, unknown> = {
      type,
      operation: typeof operation === 'function' ? operation(input) : operation,
      resource: input.resource ?? defaults.resource(input),
      outcome: typeof outcome === 'function' ? outcome(input) : outcome,
    };
    for (const [key, value] of Object.entries(input)) {
      if (value === undefined || key === 'data') continue;
      if (COMMON.has(key)) event[key] = value;
      else facts[defaults.names?.[key] ?? key] = value;
    }
    Object.assign(facts, input.data);
    if (Object.keys(facts).length > 0) event.data = facts;
    return event as unknown as AuditEvent;
  };
}

/** A resource with an id from the first fact there is; `unknown` where there is none. */
export function about(type: string, ...ids: (string | number | undefined | null)[]): Resource {
  const id = ids.find((candidate) => candidate !== undefined && candidate !== null && candidate !== '');
  return { type, id: id === undefined ? 'unknown' : String(id) };
}
