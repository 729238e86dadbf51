// The effects of what the policy says about maintenance.
import { existsSync, readdirSync } from 'node:fs';
import type { AuditLog } from '@audit/core';
import {
  type JobStatus,
  type MaintenanceOptions,
  maintenanceJobs,
  type Policy,
  startMaintenance,
} from '@audit/policy';
import type { Effects } from '../support/effect.ts';
import { EVENT, withLog } from './logs.ts';

const HOUR = 3_600_000;
const PROMPT = { 'maintenance.jitter': '0ms' };

/** Types of the entries of a log that was maintained, and again two hours later. */
function twice(policy: Policy): Promise<string[]> {
  return withLog(policy, async (log) => {
    await log.record(EVENT);
    const start = Date.now();
    for (const now of [start, start + 2 * HOUR]) {
      const due = await startedJobs(log, policy, { clock: { now: () => now } });
      await due();
    }
    const types: string[] = [];
    for await (const { type } of log.entries()) types.push(type);
    return types;
  });
}

/** Starts maintenance; the function it resolves with waits for all that is due, and stops it. */
async function startedJobs(log: AuditLog, policy: Policy, more: Partial<MaintenanceOptions>) {
  const { maintenance, retention, backups } = policy;
  const jobs = maintenanceJobs({ log, maintenance, retention, backups });
  const handle = await startMaintenance({ log, jobs, ...maintenance, ...more });
  return async () => {
    for (const { name, running, dueAt } of handle.status()) {
      if (running || Date.parse(dueAt) <= (more.clock?.now() ?? Date.now())) await handle.runNow(name);
    }
    await handle.stop();
  };
}

/** How many backups there are after twice a day. */
async function backedUp(policy: Policy): Promise<number> {
  await twice(policy);
  return existsSync('backups') ? readdirSync('backups').length : 0;
}
const INTO_BACKUPS = { ...PROMPT, 'archive.backups.directory': 'backups' };

const count = async (types: Promise<readonly string[]>, wanted: string) =>
  (await types).filter((type) => type === wanted).length;

/** Where a job stands that failed so many times in a row, at one and the same time. */
function failing(policy: Policy, times: number): Promise<number> {
  return withLog(policy, async (log) => {
    const now = Date.now();
    const job = {
      ...{ name: 'fails', schedule: { every: 1 } },
      run: () => Promise.reject(new Error('it fails')),
    };
    const handle = await startMaintenance({
      log,
      jobs: [job],
      ...policy.maintenance,
      clock: { now: () => now },
    });
    let status: JobStatus | undefined;
    while ((status?.failures ?? 0) < times) status = await handle.runNow('fails');
    await handle.stop();
    return Date.parse(status!.dueAt) - now;
  });
}

export const maintenanceEffects: Effects = {
  'archive.backups.directory': { value: 'backups', beside: PROMPT, observe: backedUp, expected: 1 },
  'archive.backups.interval': { value: '1h', beside: INTO_BACKUPS, observe: backedUp, expected: 2 },
  'archive.backups.keep': {
    value: '1',
    beside: { ...INTO_BACKUPS, 'archive.backups.interval': '1h' },
    observe: backedUp,
    expected: 1,
  },
  'integrity.verifyInterval': {
    value: '1h',
    beside: PROMPT,
    observe: (policy) => count(twice(policy), 'log.verify'),
    expected: 2,
  },
  'integrity.fullVerifyInterval': {
    value: '0ms',
    beside: PROMPT,
    observe: (policy) =>
      withLog(policy, async (log) => {
        const jobs = maintenanceJobs({ log, maintenance: policy.maintenance });
        const handle = await startMaintenance({ log, jobs });
        await handle.runNow('verify');
        const { result } = await handle.runNow('verify');
        await handle.stop();
        return result?.entriesChecked === result?.size;
      }),
    expected: true,
  },
  'maintenance.rotationInterval': {
    value: '1m',
    instead: '1d',
    beside: { ...PROMPT, 'rotation.age': '1ms', 'integrity.verifyInterval': '0ms' },
    // Beside the segments that events begin: each with a heartbeat.
    observe: (policy) => count(twice(policy), 'log.heartbeat'),
    expected: 2,
  },
  'maintenance.retentionInterval': {
    value: '1h',
    instead: '0ms',
    beside: { ...PROMPT, 'rotation.maxFiles': '1', 'rotation.age': '1ms', 'integrity.verifyInterval': '0ms' },
    // The segment that is sealed goes, and log.prune says so.
    observe: async (policy) => (await count(twice(policy), 'log.prune')) > 0,
    expected: true,
  },
  'maintenance.jitter': {
    value: '0ms',
    observe: (policy) =>
      withLog(policy, async (log) => {
        const jobs = maintenanceJobs({ log, maintenance: policy.maintenance });
        const handle = await startMaintenance({ log, jobs, ...policy.maintenance });
        const running = handle.status().filter((job) => job.running).length;
        await handle.stop();
        return running;
      }),
    expected: 1,
  },
  'maintenance.retryMin': { value: '7s', observe: (policy) => failing(policy, 1), expected: 7_000 },
  'maintenance.retryMax': { value: '90s', observe: (policy) => failing(policy, 2), expected: 90_000 },
};
