// What alerting says of itself in the log, besides how alerts were delivered.
import { type AuditEvent, alertFailed, alertRaised } from '@audit/core';
import type { Alert } from './alert.ts';

/** Always the same of one alert, and under an id of its own: told again after a crash, it is in the log once. */
export function raisedEvent(alert: Alert): AuditEvent {
  const { id, rule, severity, at, group, count, windowMs, suppressed, entry, facts } = alert;
  const data = { alert: id, severity, group, suppressed, entry: entry?.seq, facts };
  return alertRaised({ id: `${id}-raised`, occurredAt: at, rule, count, windowMs, data });
}

/** Something that may have been an alert is none. `data.reason` says why. */
export function missedEvent(
  data: { readonly reason: string } & Readonly<Record<string, unknown>>,
): AuditEvent {
  return alertFailed({ rule: '*', operation: 'miss', data });
}
