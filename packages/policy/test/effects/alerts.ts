// Alerting for the effects: a log and alerting as the policy says, and what came of it.
import type { AuditEvent, AuditLog, AuditLogOptions } from '@audit/core';
import { type Alerting, type AlertingStatus, type Policy, startAlerting } from '@audit/policy';
import { entriesOf, until } from '../alerting/harness.ts';
import { withLog } from './logs.ts';

/** Longer than anything here takes that happens at all, in milliseconds. */
const PATIENCE = 4_000;

/** The hour all of it happens in. */
export const BEGIN = Date.UTC(2026, 0, 1);

export const CHANGE: AuditEvent = {
  id: 'change',
  type: 'data.update',
  operation: 'change address',
  resource: { type: 'customer', id: 'c1' },
  outcome: 'success',
  actor: { type: 'user', id: 'ada' },
  data: { rows: 7 },
};
export const LOGIN: AuditEvent = {
  id: 'login',
  type: 'auth.attempt',
  operation: 'login',
  resource: { type: 'user', id: 'u1' },
  outcome: 'denied',
  actor: { type: 'user', id: 'mallory' },
};

export interface Watched {
  readonly log: AuditLog;
  readonly alerting: Alerting;
  /** Records an event, `after` milliseconds later by the clock of log and alerting. */
  happen(event: AuditEvent, after?: number): Promise<void>;
  /** Lets time go by. */
  pass(milliseconds: number): void;
  /** `data` of the entries of a type. */
  told(type: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** A log with alerting over it, as the policy says. */
export function watched<T>(
  policy: Policy,
  use: (watched: Watched) => Promise<T>,
  more: Partial<AuditLogOptions> = {},
): Promise<T> {
  let now = BEGIN;
  const clock = { now: () => now };
  return withLog(
    policy,
    async (log) => {
      const stateDirectory = `${log.info().location}.private`;
      const alerting = await startAlerting({ log, alerting: policy.alerting, stateDirectory, clock });
      try {
        return await use({
          log,
          alerting,
          happen: async (event, after = 0) => {
            now += after;
            await log.record(event);
          },
          pass: (milliseconds) => {
            now += milliseconds;
          },
          told: async (type) => (await entriesOf(log, type)).map(({ data }) => data ?? {}),
        });
      } finally {
        await alerting.stop();
      }
    },
    { clock, ...more },
  );
}

/** Ids of the events that alerts were raised of; they happen half a minute apart. */
export function raisedOf(
  policy: Policy,
  events: readonly AuditEvent[] = [CHANGE, LOGIN],
): Promise<readonly string[]> {
  return watched(policy, async ({ alerting, log, happen, told }) => {
    for (const event of events) await happen(event, 30_000);
    await until(() => alerting.status().behind === 0 && alerting.status().outbox === 0);
    const ids = new Map((await entriesOf(log, '*')).map(({ seq, id }) => [seq, id]));
    return (await told('alert.raised')).map(({ entry }) => ids.get(entry as number) ?? 'none');
  });
}

/** Whether it comes to hold; what never does is waited for long enough to be sure. */
export async function statusOnce(
  alerting: Alerting,
  holds: (status: AlertingStatus) => boolean,
): Promise<boolean> {
  const end = performance.now() + PATIENCE;
  await until(() => holds(alerting.status()) || performance.now() > end);
  return holds(alerting.status());
}
