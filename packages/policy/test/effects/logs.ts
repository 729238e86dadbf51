// Logs for the effects: opened as the policy says, verified and closed whatever happens.
import {
  type AuditEvent,
  type AuditLog,
  type AuditLogOptions,
  type Entry,
  generatePrivateKey,
  openAuditLog,
  signerFromPem,
} from '@audit/core';
import { eventRules, type Policy } from '@audit/policy';
import { expect, vi } from 'vitest';

export const ORIGIN = 'policy.example/audit';

export const EVENT: AuditEvent = {
  type: 'data.update',
  operation: 'change address',
  resource: { type: 'customer', id: 'c1' },
  outcome: 'success',
};

/** An event of so many bytes and a few more. */
export function eventOf(bytes: number): AuditEvent {
  return { ...EVENT, data: { filling: 'x'.repeat(bytes) } };
}

/** Opens a log by the policy, with `more` of what a policy cannot say. */
export async function withLog<T>(
  { log: options }: Policy,
  use: (log: AuditLog) => Promise<T>,
  more: Partial<AuditLogOptions> = {},
): Promise<T> {
  const log = await openAuditLog({
    origin: ORIGIN,
    ...(options.store === undefined && { onKeyCreated: () => {} }),
    ...options,
    ...more,
  });
  try {
    return await use(log);
  } finally {
    await log.flush();
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  }
}

/** Types and the rest of what is recorded of events, under the rules of the policy. */
export function recordedOf(policy: Policy, events: readonly Partial<AuditEvent>[]): Promise<Entry[]> {
  return withLog(policy, async (log) => {
    log.use(eventRules(policy.events));
    const from = log.info().size;
    for (const event of events) log.emit({ ...EVENT, ...event });
    await log.flush();
    const entries: Entry[] = [];
    for await (const entry of log.entries({ from })) if (entry.type !== 'log.gap') entries.push(entry);
    return entries;
  });
}

/** The entry of one event, recorded as the policy says. */
export function recorded(policy: Policy, event: Partial<AuditEvent>): Promise<Entry> {
  return withLog(policy, async (log) => {
    const { seq } = await log.record({ ...EVENT, ...event });
    for await (const entry of log.entries({ from: seq })) return entry;
    throw new Error(`entry ${seq} is not there`);
  });
}

/** A signer that can be sent away: then it fails, or never answers. */
export function awaySigner() {
  const signer = signerFromPem(ORIGIN, generatePrivateKey('ed25519'));
  let away: 'failing' | 'silent' | undefined;
  return {
    key: signer.key,
    sign(text: Uint8Array): Uint8Array | Promise<Uint8Array> {
      if (away === 'failing') throw new Error('the signer is away');
      return away === 'silent' ? new Promise(() => {}) : signer.sign(text);
    },
    set away(how: 'failing' | 'silent') {
      away = how;
    },
    comeBack() {
      away = undefined;
    },
  };
}

/** The value of `wait`, while time flies. */
export async function soon<T>(wait: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
  try {
    let waiting = true;
    const outcome = wait().finally(() => {
      waiting = false;
    });
    outcome.catch(() => {}); // told below
    while (waiting) {
      await vi.advanceTimersByTimeAsync(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return await outcome;
  } finally {
    vi.useRealTimers();
  }
}
