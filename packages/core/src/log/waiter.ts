// One caller of `record()` who waits for the receipt.
import type { AuditError } from '../errors.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import type { Receipt } from './types.ts';

export interface Waiter {
  readonly id: string;
  /** When it was handed in, by `performance.now()`. */
  readonly at: number;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: AuditError) => void;
}

/** Rejects whoever was handed in before `cutoff`. Their events stay where they are; only the waiting ends. */
export function expireWaiters(
  waiters: (Waiter | null)[],
  cutoff: number,
  error: (id: string) => AuditError,
): void {
  for (let i = 0; i < waiters.length; i++) {
    const waiter = waiters[i];
    if (waiter == null || waiter.at > cutoff) continue;
    waiters[i] = null;
    waiter.reject(error(waiter.id));
  }
}

/** The same where it is somebody else's to tell them. `events[i]` and `waiters[i]` belong together. */
export function sendAway(
  events: readonly PreparedEvent[],
  waiters: (Waiter | null)[],
  cutoff: number,
  away: (event: PreparedEvent, waiter: Waiter) => void,
): void {
  for (let i = 0; i < waiters.length; i++) {
    const waiter = waiters[i];
    if (waiter == null || waiter.at > cutoff) continue;
    waiters[i] = null;
    away(events[i]!, waiter);
  }
}

/** Events of applications that nobody waits for. */
export function* unheard(
  events: readonly PreparedEvent[],
  waiters: readonly (Waiter | null)[],
): Iterable<PreparedEvent> {
  for (let i = 0; i < events.length; i++) {
    if (waiters[i] == null && !events[i]!.type.startsWith('log.')) yield events[i]!;
  }
}
