// What a record says of itself as an event: `audit: { type, resource, … }`. Imports core's model.
import { type AuditEvent, CATEGORIES, LEVELS, OUTCOMES, type Resource } from '@audit/core';
import { readTime } from '@audit/core/internal';

/**
 * The mark of a record that is to become an audit event: `true`, or the parts of the event that are known. There
 * is no `id`: an idempotency key never comes from what is logged, which may hold what a client sent.
 */
export type AuditMark = boolean | Partial<Omit<AuditEvent, 'id'>>;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The parts that can be taken, and, in `rest`, those that cannot: they are kept as data, never lost. */
export interface Details {
  readonly event: Partial<AuditEvent>;
  readonly rest: Readonly<Record<string, unknown>> | undefined;
}

const NONE: Details = { event: {}, rest: undefined };
const TYPE = /^[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)*$/;
const MAX_TYPE = 128;

export function readDetails(mark: unknown): Details {
  if (typeof mark !== 'object' || mark === null) return NONE;
  const event: Writable<Partial<AuditEvent>> = {};
  const rest: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(mark)) {
    if (value === undefined) continue;
    if (isDetail(key, value)) event[key] = value as never;
    else rest[key] = value;
  }
  return { event, rest: Object.keys(rest).length > 0 ? rest : undefined };
}

function isDetail(key: string, value: unknown): key is keyof AuditEvent {
  switch (key) {
    case 'type': // `log.*` is the log's own life.
      return (
        typeof value === 'string' && TYPE.test(value) && value.length <= MAX_TYPE && !/^log\./.test(value)
      );
    case 'operation':
      return typeof value === 'string' && value !== '';
    case 'resource':
      return (
        isObject(value) &&
        isName((value as Partial<Resource>).type) &&
        isName((value as Partial<Resource>).id)
      );
    case 'outcome':
      return OUTCOMES.includes(value as never);
    case 'category':
      return CATEGORIES.includes(value as never);
    case 'level':
      return LEVELS.includes(value as never);
    case 'occurredAt':
      return value instanceof Date
        ? !Number.isNaN(value.getTime())
        : typeof value === 'string' && readTime(value) !== null;
    case 'actor':
    case 'trace':
    case 'data':
      return isObject(value);
    case 'error':
      return isObject(value) || typeof value === 'string';
    default:
      return false;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): boolean {
  return (
    (typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'bigint'
  );
}
