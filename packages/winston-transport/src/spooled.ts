// An event as a line of the spool, and back. Imports core's conversion and default privacy rules.
import { randomUUID } from 'node:crypto';
import { type AuditEvent, getAuditContext, type JsonObject, toJson } from '@audit/core';
import { createRedactor } from '@audit/core/internal';

export interface Spooled {
  readonly event: AuditEvent;
  /** Size of the log when it was spooled: where to look for it, should it be in the log already. */
  readonly size: number | undefined;
  /** True where the log was handed the event before, under this id, and may have it. */
  readonly sent: boolean;
}

/** More than the log takes: what is too much is for the log to cut, and to tell. */
const LIMITS = { depth: 64, nodes: 100_000 };

/** The log's own rules come when the event enters it. */
const redactor = createRedactor();

/** All that would be lost by waiting is written down: the caller's context, the time, and an id, so that it enters once. */
export function toLine(event: AuditEvent, size: number | undefined, sent: boolean): string {
  const context = getAuditContext();
  const whole = { ...event, id: event.id ?? randomUUID(), occurredAt: event.occurredAt ?? new Date() };
  const { data, error, operation, resource, ...rest } = toJson(whole, LIMITS) as JsonObject;
  const parts = {
    actor: rest.actor ?? toJson(context?.actor),
    trace: rest.trace ?? toJson(context?.trace),
    ...{ data, error, operation, resource },
  };
  return JSON.stringify({ size, sent, event: { ...rest, ...redactor.redact(withoutNulls(parts)).event } });
}

/** Only of lines this wrote, which their HMAC says. */
export function fromLine(line: string): Spooled {
  return JSON.parse(line) as Spooled;
}

function withoutNulls(parts: Record<string, unknown>): JsonObject {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value != null)) as JsonObject;
}
