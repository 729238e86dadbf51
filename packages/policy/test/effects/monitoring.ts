// The effects of what the policy says about health, metrics and the disk.
import { mkdtempSync, rmSync } from 'node:fs';
import { type AuditError, type AuditLog, performanceThreshold } from '@audit/core';
import { type Monitoring, type MonitoringOptions, type Policy, startMonitoring } from '@audit/policy';
import type { Effects } from '../support/effect.ts';
import { EVENT, withLog } from './logs.ts';

/** A port nobody else is given: below those the kernel hands out. */
const PORT = 10_000 + (process.pid % 10_000);
const FREE = { 'monitoring.port': '0' };

function monitored<T>(
  policy: Policy,
  use: (served: Monitoring, log: AuditLog) => Promise<T>,
  more: Partial<MonitoringOptions> = {},
): Promise<T> {
  return withLog(policy, async (log) => {
    const served = await startMonitoring({ log, monitoring: policy.monitoring, ...more });
    try {
      return await use(served, log);
    } finally {
      await served.stop();
    }
  });
}

/** Level of the entry that says what is done about the disk. */
function diskEntryLevel(policy: Policy): Promise<unknown> {
  return monitored(policy, async (_, log) => {
    await log.flush();
    const { type } = performanceThreshold({ metric: 'disk.free', limit: 0, observed: 0 });
    for await (const entry of log.entries({ type })) return [entry.level, entry.data?.action];
    return 'none';
  });
}

/** A directory on another disk than the one temporary files are on. */
async function onOtherDisk<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync('/dev/shm/audit-policy-');
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const OFF = { 'monitoring.disk.warn': 'off', 'monitoring.disk.alert': 'off' };

export const monitoringEffects: Effects = {
  'monitoring.address': {
    value: '127.0.0.2',
    beside: { 'monitoring.port': String(PORT) },
    observe: (policy) => monitored(policy, async ({ url }) => url),
    expected: `http://127.0.0.2:${PORT}`,
  },
  'monitoring.port': {
    value: String(PORT),
    instead: '0',
    observe: (policy) =>
      monitored(policy, async () => {
        const answer = await fetch(`http://127.0.0.1:${PORT}/healthz`, {
          headers: { connection: 'close' },
        }).catch(() => null);
        return answer?.status;
      }),
    expected: 200,
  },
  'monitoring.disk.interval': {
    value: '100ms',
    beside: FREE,
    observe: (policy) =>
      onOtherDisk((spoolDirectory) =>
        monitored(
          policy,
          async (_, log) => {
            const noticed = new Promise((resolve) => {
              log.on('entry', ({ entry }) => entry.type === 'system.error' && resolve('noticed'));
            });
            rmSync(spoolDirectory, { recursive: true });
            return Promise.race([
              noticed,
              new Promise((resolve) => setTimeout(resolve, 3_000, 'not noticed for three seconds')),
            ]);
          },
          { spoolDirectory },
        ),
      ),
    expected: 'noticed',
  },
  // Any disk has less than all of it free.
  'monitoring.disk.warn': {
    value: '100%',
    instead: 'off',
    beside: { ...FREE, 'monitoring.disk.alert': 'off' },
    observe: diskEntryLevel,
    expected: ['warning', 'warn'],
  },
  'monitoring.disk.alert': {
    value: '100%',
    instead: 'off',
    beside: { ...FREE, 'monitoring.disk.warn': 'off' },
    observe: diskEntryLevel,
    expected: ['error', 'alert'],
  },
  'monitoring.disk.spool': {
    value: '100%',
    beside: { ...FREE, ...OFF },
    observe: (policy) =>
      onOtherDisk((spoolDirectory) =>
        monitored(policy, async (served) => served.status().checks[1]?.reasons[0]?.split(':')[0], {
          spoolDirectory,
        }),
      ),
    expected: 'spool',
  },
  'monitoring.disk.refuse': {
    value: '100%',
    beside: { ...FREE, ...OFF },
    observe: (policy) =>
      monitored(policy, (_, log) =>
        log.record(EVENT).then(
          () => 'recorded',
          ({ code }: AuditError) => code,
        ),
      ),
    expected: 'LOG_REFUSING',
  },
  'monitoring.disk.halt': {
    value: '100%',
    beside: { ...FREE, ...OFF },
    observe: (policy) => monitored(policy, async (_, log) => log.health().status),
    expected: 'closed',
  },
};
