// The effects of what the policy says about events by their type, and of the levels it defines.
import type { AuditEvent, Entry } from '@audit/core';
import type { Policy } from '@audit/policy';
import type { Effect, Effects } from '../support/effect.ts';
import { recordedOf } from './logs.ts';

/** The type that is `*` in keys. */
const ONE: Partial<AuditEvent> = { type: 'one', category: 'data_access' };
const MANY = 1_000;

/** A thousand events, each of a request of its own: how many are recorded, none, some or all. */
async function share(policy: Policy, event: Partial<AuditEvent> = {}): Promise<string> {
  const events = Array.from({ length: MANY }, (_, i) => ({
    ...ONE,
    ...event,
    trace: { requestId: `r${i}` },
  }));
  const { length } = await recordedOf(policy, events);
  return length === 0 ? 'none' : length === MANY ? 'all' : 'some';
}

const count = async (policy: Policy, ...events: Partial<AuditEvent>[]) =>
  (await recordedOf(policy, events)).length;
const first = async (policy: Policy, event: Partial<AuditEvent>): Promise<Entry | undefined> =>
  (await recordedOf(policy, [event]))[0];

/** The same below `events` and below the events of a level. */
const ruleEffects: Readonly<Record<string, Effect>> = {
  enabled: { value: 'false', observe: (policy) => count(policy, ONE), expected: 0 },
  level: {
    value: 'critical',
    observe: async (policy) => (await first(policy, { ...ONE, level: 'info' }))?.level,
    expected: 'critical',
  },
  detail: {
    value: 'request',
    observe: async (policy) => (await first(policy, { ...ONE, data: { before: 1, after: 2 } }))?.data,
    expected: { before: 1 },
  },
  sample: { value: '50%', observe: (policy) => share(policy), expected: 'some' },
  sampleSecurity: {
    value: 'true',
    beside: { sample: '50%' },
    observe: (policy) => share(policy, { level: 'security' }),
    expected: 'some',
  },
};

/** The effects of keys below a prefix, with what is to be set besides. */
function below(
  prefix: string,
  effects: Readonly<Record<string, Effect>>,
  more: Record<string, string>,
): Effects {
  return Object.fromEntries(
    Object.entries(effects).map(([name, { beside = {}, ...effect }]) => {
      const near = Object.entries(beside).map(([key, value]) => [`${prefix}.${key}`, value]);
      return [`${prefix}.${name}`, { ...effect, beside: { ...more, ...Object.fromEntries(near) } }];
    }),
  );
}

/** Picks a level that is there with or without the key. */
const ONE_LEVEL = { level: 'one', 'levels.one.http': '[{detail: metadata}]' };

export const eventEffects: Effects = {
  ...below('events.*', ruleEffects, {}),
  ...below('levels.*.events.*', ruleEffects, ONE_LEVEL),
  level: {
    value: 'minimal',
    observe: (policy) => count(policy, { type: 'data.read' }, { type: 'auth.attempt' }),
    expected: 1,
  },
  'levels.*.least': {
    value: 'warning',
    beside: ONE_LEVEL,
    observe: (policy) => count(policy, { ...ONE, level: 'info' }, { ...ONE, level: 'warning' }),
    expected: 1,
  },
  'levels.*.always': {
    value: '[data_access]',
    beside: { ...ONE_LEVEL, 'levels.*.least': 'warning' },
    observe: (policy) => count(policy, { ...ONE, level: 'info' }),
    expected: 1,
  },
};
