// The effects of retention, archive and the limits of rotation: what goes of a log, and what stays, and why.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import {
  type AuditEvent,
  generatePrivateKey,
  openAuditLog,
  signerFromPem,
  verifyDirectory,
} from '@audit/core';
import { applyRetention, approve, type Policy, type RetentionRun } from '@audit/policy';
import { expect } from 'vitest';
import type { Effect, Effects } from '../support/effect.ts';
import { EVENT, ORIGIN } from './logs.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-01-01T00:00:00Z');

/** The first event of each segment beside the usual ones; an hour lies between segments. */
const FIRST: Partial<AuditEvent> = { type: 'auth.attempt', operation: 'log in' };

interface Seen {
  /** Segments that went, of the three that are sealed. */
  readonly gone: number;
  /** Why the first that stayed did. */
  readonly why: string;
}

/** Opens a log of four segments by the policy, and applies retention to it at `age` after its beginning. */
async function retained(
  policy: Policy,
  age: number,
  run: RetentionRun | ((request: string) => Promise<RetentionRun>) = {},
  events: readonly Partial<AuditEvent>[] = [FIRST],
): Promise<Seen> {
  let now = START;
  const clock = { now: () => now };
  const log = await openAuditLog({
    ...{ ...policy.log, origin: ORIGIN, onKeyCreated: () => {}, clock, segmentAge: HOUR },
    segmentBytes: 1_000_000,
  });
  try {
    for (let segment = 0; segment < 4; segment++) {
      for (const event of [...events, {}, {}]) await log.record({ ...EVENT, ...event });
      if (segment < 3) now += HOUR;
    }
    while ((await log.segments()).filter(({ sealed }) => sealed).length < 3) await log.record(EVENT);
    now = START + age;
    let result = await applyRetention(log, policy.retention, now, typeof run === 'function' ? {} : run);
    if (typeof run === 'function' && result.request !== null) {
      result = await applyRetention(log, policy.retention, now, await run(result.request));
    }
    expect(await log.verify()).toMatchObject({ verdict: 'intact' });
    const gone = 4 - (await log.segments()).length;
    return { gone, why: result.segments.find(({ first }) => first >= (result.pruned?.to ?? 0))!.reason };
  } finally {
    await log.close();
  }
}

const [alice, bob] = ['alice.example', 'bob.example'].map((name) =>
  signerFromPem(name, generatePrivateKey('ed25519')),
);
const both = `["${alice!.key.vkey}", "${bob!.key.vkey}"]`;
const approvers = { 'retention.approvers': both };

const byAlice = async (request: string) => ({ approvals: [await approve(request, alice!)] });
const old = (policy: Policy) => retained(policy, 100 * DAY);

/** Ten days on: as they are, the rules keep everything. */
const tenDays = (policy: Policy) => retained(policy, 10 * DAY);
const all: Seen = { gone: 3, why: 'not-sealed' };
const none = (why: string): Seen => ({ gone: 0, why });

/** With only events the rule is about, and those of the log itself gone long before. */
const rule = (value: string, events: readonly Partial<AuditEvent>[], stays: string): Effect => ({
  value,
  observe: (policy) => retained(policy, 100 * DAY, {}, events),
  expected: none(stays),
});

export const retentionEffects: Effects = {
  'rotation.maxFiles': { value: '2', observe: tenDays, expected: { gone: 2, why: 'not-expired' } },
  'rotation.maxBytes': { value: '1B', observe: tenDays, expected: all },
  'retention.keep': { value: '5d', observe: tenDays, expected: all },
  'retention.types': rule('{"auth.*": 200d}', [FIRST], 'not-expired'),
  'retention.categories': rule('{authentication: 200d}', [FIRST], 'not-expired'),
  'retention.levels': rule('{warning: forever}', [{ ...FIRST, level: 'security' }], 'not-expired'),
  'retention.floor.keep': { value: '200d', observe: old, expected: none('floor') },
  'retention.floor.types': rule('{auth.attempt: 200d}', [FIRST], 'floor'),
  'retention.holds.*.reason': {
    value: 'a letter',
    instead: 'another letter',
    observe: async ({ retention }) => retention.holds,
    expected: [{ id: 'one', reason: 'a letter' }],
  },
  'retention.holds.*.since': hold('2026-01-01T01:30:00Z', { gone: 2, why: 'hold' }),
  'retention.holds.*.until': hold('2026-01-01', all),
  'retention.holds.*.type': hold('data.delete', all),
  'retention.requireArchive': {
    value: 'true',
    // A file in its way: the archive fails.
    beside: { 'archive.directory': 'in-the-way/archive' },
    observe: (policy) => {
      writeFileSync('in-the-way', '');
      return old(policy).then(({ gone }) => gone);
    },
    expected: 0,
  },
  'retention.approvers': {
    value: both,
    observe: (policy) => old(policy).then(({ gone }) => gone),
    expected: 0,
  },
  'retention.approvals': {
    value: '1',
    beside: approvers,
    observe: (policy) => retained(policy, 100 * DAY, byAlice).then(({ gone }) => gone),
    expected: 3,
  },
  'retention.approvalDirectory': {
    value: 'approved',
    beside: approvers,
    observe: (policy) => {
      const drop = async (request: string) => {
        mkdirSync('approved');
        writeFileSync('approved/one.note', await approve(await approve(request, alice!), bob!));
        return {};
      };
      return retained(policy, 100 * DAY, drop).then(({ gone }) => gone);
    },
    expected: 3,
  },
  'archive.directory': {
    value: 'archive',
    observe: async (policy) => {
      await old(policy);
      if (!existsSync('archive')) return 'no archive';
      return verifyDirectory('archive').then(
        ({ verdict, entriesChecked }) => `${verdict}, ${entriesChecked > 9}`,
      );
    },
    expected: 'intact, true',
  },
  'archive.compression': {
    value: 'none',
    beside: { 'archive.directory': 'archive' },
    observe: async (policy) => {
      await old(policy);
      return readdirSync('archive/entries').filter((name) => name.endsWith('.gz')).length;
    },
    expected: 0,
  },
};

/** What one key of a hold does to a hold that otherwise holds everything. */
function hold(value: string, expected: Seen): Effect {
  return { value, beside: { 'retention.holds.*.reason': 'a letter' }, observe: old, expected };
}
