// What a caller hands in, checked and read once: what must be right is refused by name, the rest is converted.
import { AuditError } from '../errors.ts';
import { CATALOGUE, type CatalogueEntry } from './catalogue/catalogue.ts';
import {
  type Actor,
  CATEGORIES,
  type Category,
  type EventError,
  LEVELS,
  type Level,
  OUTCOMES,
  type Outcome,
  type Resource,
  type Trace,
} from './model.ts';
import { scalarText } from './scalar.ts';
import { utf8Length, wellFormed } from './text.ts';
import { formatTime, readTime } from './time.ts';

/** The limit of an `id` and of a `type`, in UTF-8 bytes. */
export const MAX_ID_BYTES = 128;

const TYPE = /^[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)*$/;

/**
 * Fields of an entry that only the log sets. A caller's are ignored rather than refused, so that an entry read
 * from one log can be handed to another as it is.
 */
const SET_BY_LOG: ReadonlySet<string> = new Set(['v', 'seq', 'prev', 'time', 'redacted', 'cut']);
const FIELDS: ReadonlySet<string> = new Set([
  ...['type', 'operation', 'resource', 'outcome', 'category', 'level', 'id'],
  ...['occurredAt', 'error', 'actor', 'trace', 'data'],
]);

/** An event whose envelope is sound. `data` is still what the caller handed in. */
export interface CheckedEvent {
  readonly type: string;
  readonly category: Category;
  /** What the caller said; else the catalogue's rule decides. */
  readonly level: Level | undefined;
  readonly known: CatalogueEntry | undefined;
  readonly operation: string;
  readonly resource: Resource;
  readonly outcome: Outcome;
  readonly id: string | undefined;
  readonly occurredAt: string | undefined;
  readonly error: EventError | undefined;
  readonly actor: Actor | undefined;
  readonly trace: Trace | undefined;
  readonly data: unknown;
}

/**
 * Reads an event's envelope, each field once. Numbers, dates and the like where a string belongs become
 * strings; optional fields that cannot are left out.
 *
 * @throws AuditError `EVENT_INVALID`, whose message names every field that is wrong and what it must be
 */
export function validate(event: unknown): CheckedEvent {
  try {
    return check(event);
  } catch (cause) {
    if (cause instanceof AuditError) throw cause;
    // A getter or Proxy of the caller's: an event that cannot be read is not one.
    throw new AuditError('EVENT_INVALID', 'The event cannot be read: one of its own fields throws.', {
      cause,
    });
  }
}

function check(event: unknown): CheckedEvent {
  if (typeof event !== 'object' || event === null) {
    throw new AuditError(
      'EVENT_INVALID',
      `The event is ${event === null ? 'null' : `a ${typeof event}`}; it must be an object with type, operation, resource and outcome.`,
    );
  }
  const input = event as Record<string, unknown>;
  const problems: string[] = [];
  for (const key in input) {
    if (!FIELDS.has(key) && !SET_BY_LOG.has(key))
      problems.push(`${shown(key)} is not a field of an event: put facts of your own into data`);
  }

  const type = input.type;
  const known = typeof type === 'string' ? CATALOGUE.get(type) : undefined;
  if (known === undefined && !isType(type)) {
    problems.push(
      `type (${shown(type)}) must be a dotted lower-case name such as "auth.attempt", at most ${MAX_ID_BYTES} bytes`,
    );
  }
  const category = readEnum(input.category, CATEGORIES, 'category', problems) ?? known?.category;
  if (category === undefined && input.category === undefined && isType(type)) {
    problems.push(
      `category is missing, and ${shown(type)} is no type of the catalogue: give one of ${CATEGORIES.join(', ')}`,
    );
  }
  const level = readEnum(input.level, LEVELS, 'level', problems);
  const operation = input.operation;
  if (typeof operation !== 'string' || operation === '') {
    problems.push(`operation (${shown(operation)}) must be a non-empty string that says what was attempted`);
  }
  const resource = readResource(input.resource, problems);
  const outcome = readEnum(input.outcome, OUTCOMES, 'outcome', problems);
  if (input.outcome === undefined) problems.push(`outcome is missing: give one of ${OUTCOMES.join(', ')}`);
  const id = input.id;
  if (id !== undefined && !isId(id)) {
    problems.push(`id (${shown(id)}) must be a string of 1 to ${MAX_ID_BYTES} bytes, or be left out`);
  }
  const occurredAt = readOccurredAt(input.occurredAt, problems);

  if (problems.length > 0) {
    const ownId = isId(id) ? { id } : {};
    throw new AuditError('EVENT_INVALID', `The event is not valid: ${problems.join('; ')}.`, ownId);
  }
  return {
    type: type as string,
    category: category as Category,
    level,
    known,
    operation: wellFormed(operation as string),
    resource: resource as Resource,
    outcome: outcome as Outcome,
    id: id as string | undefined,
    occurredAt,
    error: readError(input.error),
    actor: readActor(input.actor),
    trace: readTrace(input.trace),
    data: input.data,
  };
}

export function isType(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_ID_BYTES && TYPE.test(value);
}

export function isId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= MAX_ID_BYTES &&
    utf8Length(value) <= MAX_ID_BYTES &&
    wellFormed(value) === value
  );
}

function readEnum<T extends string>(
  value: unknown,
  values: readonly T[],
  field: string,
  problems: string[],
): T | undefined {
  if (value === undefined) return undefined;
  if (values.includes(value as T)) return value as T;
  problems.push(`${field} (${shown(value)}) must be one of ${values.join(', ')}`);
  return undefined;
}

function readResource(value: unknown, problems: string[]): Resource | undefined {
  if (typeof value !== 'object' || value === null) {
    problems.push(
      `resource (${shown(value)}) must be an object {type, id} that says what the operation was attempted on`,
    );
    return undefined;
  }
  const type = readText(value, 'type');
  const id = readText(value, 'id');
  if (!type) problems.push('resource.type must be a non-empty string');
  if (!id) problems.push('resource.id must be a non-empty string');
  if (!type || !id) return undefined;
  const name = readText(value, 'name');
  return name === undefined ? { id, type } : { id, name, type };
}

function readOccurredAt(value: unknown, problems: string[]): string | undefined {
  if (value === undefined) return undefined;
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? readTime(value) : null;
  if (ms !== null) {
    try {
      return formatTime(ms);
    } catch {
      // An invalid Date, or one of the year 10,000: told below.
    }
  }
  problems.push(
    `occurredAt (${shown(value)}) must be a valid Date or an RFC 3339 time such as 2026-01-31T12:00:00.000Z`,
  );
  return undefined;
}

// Optional groups. They are not what an event stands or falls with: nothing in them is refused.

/** What stands for the `type` or `id` of an actor that came without. */
const UNKNOWN = 'unknown';

export function readActor(value: unknown): Actor | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') {
    const id = scalarText(value);
    return id ? { id, type: UNKNOWN } : undefined;
  }
  const actor = readTexts(value, ACTOR_FIELDS);
  return (actor.id && actor.type ? actor : completeActor(actor)) as Actor;
}

function completeActor(actor: { [F in (typeof ACTOR_FIELDS)[number]]?: string }): object {
  return readTexts({ ...actor, id: actor.id || UNKNOWN, type: actor.type || UNKNOWN }, ACTOR_FIELDS);
}

export function readTrace(value: unknown): Trace | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const trace = readTexts(value, TRACE_FIELDS);
  for (const _ in trace) return trace;
  return undefined;
}

function readError(value: unknown): EventError | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') {
    const message = scalarText(value);
    return message === undefined ? undefined : { message };
  }
  const error = readTexts(value, ERROR_FIELDS);
  return error.message === undefined
    ? (readTexts({ ...error, message: '' }, ERROR_FIELDS) as EventError)
    : (error as EventError);
}

// In canonical order, so that writing them out later need not sort.
const ACTOR_FIELDS = ['agentId', 'id', 'ip', 'name', 'onBehalfOf', 'sessionId', 'type', 'userAgent'] as const;
const TRACE_FIELDS = ['parentId', 'requestId', 'spanId', 'traceId'] as const;
const ERROR_FIELDS = ['code', 'message', 'name'] as const;

function readTexts<K extends string>(value: object, fields: readonly K[]): { [F in K]?: string } {
  const out: { [F in K]?: string } = {};
  for (const field of fields) {
    const text = readText(value, field);
    if (text !== undefined) out[field] = text;
  }
  return out;
}

function readText(container: object, key: string): string | undefined {
  let value: unknown;
  try {
    value = (container as Record<string, unknown>)[key];
  } catch {
    return '[Unreadable]';
  }
  return typeof value === 'string' ? wellFormed(value) : scalarText(value);
}

/** A value as a message may show it: short, and of strings only what a name could hold. */
function shown(value: unknown): string {
  if (typeof value !== 'string') return value === null ? 'null' : typeof value;
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}
