// `log.gap` for events that an adapter lost before they reached the log; what the log loses itself is in loss.ts.
import type { AuditEvent } from '../event/model.ts';
import type { MissingEvents } from './types.ts';

const REASON = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * The event; `reasons` counts by reason as in every `log.gap`, with null where nobody knows how many.
 * @throws TypeError, RangeError naming the field
 */
export function gapOf({ reason, events, data }: MissingEvents, origin: string): AuditEvent {
  if (typeof reason !== 'string') throw new TypeError('reason must be a string');
  if (!REASON.test(reason)) {
    throw new RangeError(
      `reason must be a lower-case word such as docker-stream, got ${JSON.stringify(reason)}`,
    );
  }
  if (events !== undefined && !(Number.isSafeInteger(events) && events >= 0)) {
    throw new RangeError(`events must be a whole number from 0, got ${String(events)}`);
  }
  return {
    type: 'log.gap',
    category: 'audit',
    level: 'critical',
    operation: 'gap',
    resource: { type: 'log', id: origin },
    outcome: 'success',
    data: { ...data, reasons: { [reason]: events ?? null } },
  };
}
