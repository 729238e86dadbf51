// Whether an event is among those that are recorded: the same for all events of one request.
import { hash, randomBytes } from 'node:crypto';
import { type AuditEvent, getAuditContext } from '@audit/core';

// Clients choose their trace and request ids: without the key, one could be chosen that is never recorded.
const key = randomBytes(16).toString('hex');

/** @param share from 0 to 1 */
export function isSampled(event: AuditEvent, share: number): boolean {
  return position(event) < share;
}

/** From 0 to 1, below 1. */
function position({ trace }: AuditEvent): number {
  const surrounding = getAuditContext()?.trace;
  const id = trace?.traceId ?? surrounding?.traceId ?? trace?.requestId ?? surrounding?.requestId;
  if (id === undefined) return Math.random();
  return Number.parseInt(hash('sha256', key + id, 'hex').slice(0, 12), 16) / 2 ** 48;
}
