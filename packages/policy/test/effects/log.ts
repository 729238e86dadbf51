// The effects of what the policy says about the log itself.
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AuditError, type AuditLog, type Entry, openAuditLog, parseVerifierKey } from '@audit/core';
import { openGovernedLog, type Policy } from '@audit/policy';
import { expect } from 'vitest';
import type { Effects } from '../support/effect.ts';
import { awaySigner, EVENT, eventOf, ORIGIN, soon, withLog } from './logs.ts';

/** Entries in each batch that was committed of `count` events handed in at once. */
function batches(policy: Policy, count: number, bytes: number): Promise<number[]> {
  return withLog(policy, async (log) => {
    const sizes = [log.info().size];
    const unsubscribe = log.on('checkpoint', ({ size }) => sizes.push(size));
    for (let i = 0; i < count; i++) log.emit(eventOf(bytes));
    await log.flush();
    unsubscribe();
    return sizes.slice(1).map((size, index) => size - sizes[index]!);
  });
}

/** Events lost of five handed in at once. */
function lost(policy: Policy, bytes: number): Promise<number> {
  return withLog(policy, async (log) => {
    for (let i = 0; i < 5; i++) log.emit(eventOf(bytes));
    return Object.values(log.health().lost).reduce((sum, count) => sum + count, 0);
  });
}

/** Segments after three events, an hour apart. */
function segments(policy: Policy): Promise<number> {
  let now = Date.now();
  const clock = { now: () => now };
  return withLog(
    policy,
    async (log) => {
      for (let i = 0; i < 3; i++) {
        now += 3_600_000;
        await log.record(EVENT);
      }
      return (await log.segments()).length;
    },
    { clock },
  );
}

/** Events of the type `one`, for which there is no room, wait in the spool. */
const SPOOLING = { 'performance.queueEvents': '1', 'events.*.onFailure': 'spool' };

/** Of five of them handed in at once: how many are lost. */
function lostOfOne(policy: Policy): Promise<number> {
  return withLog(policy, async (log) => {
    for (let i = 0; i < 5; i++) log.emit({ ...EVENT, type: 'one', category: 'data_access' });
    await log.flush();
    return Object.values(log.health().lost).reduce((sum, count) => sum + count, 0);
  });
}

/** `log.create` of a new log. */
function firstEntry(policy: Policy): Promise<Entry> {
  return withLog(policy, async (log) => {
    for await (const entry of log.entries()) return entry;
    throw new Error('the log is empty');
  });
}

/** Permissions of a file or folder of the log, in octal. */
function modesOf(policy: Policy, name: string): Promise<string> {
  return withLog(policy, async (log) => (statSync(join(log.info().location, name)).mode & 0o777).toString(8));
}

/** What becomes of a reload that would record less, of a file that says whether it is locked. */
async function reloadWeaker({ locked }: Policy): Promise<string> {
  const text = `locked: ${locked}\nlog: {origin: ${ORIGIN}}\n`;
  writeFileSync('audit.yaml', text);
  const governed = await openGovernedLog('audit.yaml', { log: { onKeyCreated: () => {} } });
  writeFileSync('audit.yaml', `${text}level: minimal\n`);
  const { status } = await governed.reload();
  expect((await governed.log.verify()).verdict).toBe('intact');
  await governed.close();
  return status;
}

const base = fileURLToPath(new URL('../fixtures/base.yaml', import.meta.url));

export const logEffects: Effects = {
  locked: { value: 'true', observe: reloadWeaker, expected: 'refused' },
  extends: {
    value: base,
    observe: async (policy) => (await firstEntry(policy)).data?.service,
    expected: 'of the base',
  },
  'log.origin': {
    value: 'shop.example/audit',
    observe: async (policy) => {
      try {
        const log = await openAuditLog({ ...policy.log, onKeyCreated: () => {} });
        await log.close();
        return log.info().origin;
      } catch (error) {
        return (error as { code: string }).code;
      }
    },
    expected: 'shop.example/audit',
  },
  'log.service': {
    value: 'shop',
    observe: async (policy) => (await firstEntry(policy)).data?.service,
    expected: 'shop',
  },
  'log.instance': {
    value: 'a-1',
    observe: async (policy) => (await firstEntry(policy)).data?.instance,
    expected: 'a-1',
  },
  'storage.store': {
    value: 'memory',
    beside: { 'log.origin': ORIGIN },
    observe: (policy) => withLog(policy, async (log) => [log.info().location, readdirSync('.')]),
    expected: ['memory', []],
  },
  'storage.spoolDirectory': {
    value: 'waiting',
    beside: SPOOLING,
    observe: async (policy) => [await lostOfOne(policy), existsSync('waiting')],
    expected: [0, true],
  },
  'storage.spoolEvents': { value: '2', beside: SPOOLING, observe: lostOfOne, expected: 2 },
  'events.*.onFailure': {
    value: 'spool',
    beside: { 'performance.queueEvents': '1' },
    observe: lostOfOne,
    expected: 0,
  },
  'storage.directoryMode': {
    value: '0750',
    observe: (policy) => modesOf(policy, 'entries'),
    expected: '750',
  },
  'storage.fileMode': {
    value: '"0640"',
    observe: (policy) => modesOf(policy, 'commit'),
    expected: '640',
  },
  'storage.directory': {
    value: 'kept-here',
    observe: (policy) => withLog(policy, async () => existsSync(join('kept-here', 'commit'))),
    expected: true,
  },
  'storage.stateDirectory': {
    value: 'private-side',
    observe: (policy) => withLog(policy, async () => existsSync(join('private-side', 'key.pem'))),
    expected: true,
  },
  'rotation.size': { value: '1B', observe: segments, expected: 4 },
  'rotation.age': { value: '50m', observe: segments, expected: 4 },
  'integrity.heartbeat': {
    value: '1m',
    observe: (policy) =>
      soon(() =>
        withLog(policy, async (log) => {
          const beat = new Promise((resolve) => {
            log.on('entry', ({ entry }) => entry.type === 'log.heartbeat' && resolve('a heartbeat'));
          });
          const hours = new Promise((resolve) => setTimeout(resolve, 7_200_000, 'two hours of silence'));
          return Promise.race([beat, hours]);
        }),
      ),
    expected: 'a heartbeat',
  },
  'signing.algorithm': {
    value: 'ecdsa-p256',
    observe: (policy) => withLog(policy, async (log) => parseVerifierKey(log.info().vkey).type),
    expected: 'ecdsa-p256',
  },
  'signing.keyFile': {
    value: 'elsewhere.pem',
    observe: (policy) => withLog(policy, async () => existsSync('elsewhere.pem')),
    expected: true,
  },
  'signing.timeout': {
    value: '7s',
    observe: (policy) => {
      const signer = awaySigner();
      const wait = (log: AuditLog) => {
        signer.away = 'silent';
        return log.record(EVENT).catch(patienceOf).finally(signer.comeBack);
      };
      return soon(() => withLog(policy, wait, { signer }));
    },
    expected: 7_000,
  },
  'signing.allowUnsigned': {
    value: 'true',
    beside: { 'signing.timeout': '50ms' },
    observe: (policy) => {
      const signer = awaySigner();
      return withLog(
        policy,
        async (log) => {
          signer.away = 'failing';
          const unsigned = await log.record(EVENT).then(
            (receipt) => receipt.unsigned,
            (error: AuditError) => error.code,
          );
          signer.comeBack();
          return unsigned;
        },
        { signer },
      );
    },
    expected: true,
  },
  'performance.batchEvents': {
    value: '1',
    observe: (policy) => batches(policy, 5, 10),
    expected: [1, 1, 1, 1, 1],
  },
  'performance.batchBytes': {
    value: '65535B',
    observe: (policy) => batches(policy, 3, 40_000),
    expected: [1, 1, 1],
  },
  'performance.queueEvents': { value: '2', observe: (policy) => lost(policy, 10), expected: 3 },
  'performance.queueBytes': { value: '65535B', observe: (policy) => lost(policy, 40_000), expected: 4 },
  'performance.queueTimeout': {
    value: '7s',
    beside: { 'performance.queueEvents': '1', 'signing.timeout': '20s' },
    observe: (policy) => {
      const signer = awaySigner();
      const wait = async (log: AuditLog) => {
        signer.away = 'silent';
        const ahead = log.record(EVENT).catch(() => {});
        const patience = await log.record(EVENT).catch(patienceOf);
        signer.comeBack();
        await ahead;
        return patience;
      };
      return soon(() => withLog(policy, wait, { signer }));
    },
    expected: 7_000,
  },
  'performance.lockTimeout': {
    value: '7s',
    observe: (policy) =>
      withLog(policy, () => soon(() => openAuditLog({ ...policy.log, origin: ORIGIN }).catch(patienceOf))),
    expected: 7_000,
  },
};

/** The milliseconds an error says were waited. */
function patienceOf(error: Error): number {
  return Number(/(\d+) ms/.exec(error.message)?.[1]);
}
