// The services a governed log starts, in this order; they stop in the reverse. Each capability adds its line here.
import { mkdir } from 'node:fs/promises';
import { alertingSource } from '../alerting/source.ts';
import { startAlerting } from '../alerting/start.ts';
import { maintenanceJobs } from '../maintenance/jobs.ts';
import { startMaintenance } from '../maintenance/maintenance.ts';
import { startMonitoring } from '../monitoring/start.ts';
import type { Policy } from '../parse.ts';
import { PolicyError } from '../problem.ts';
import type { PolicyService } from './service.ts';

const alerting: PolicyService = {
  name: 'alerting',
  sections: ['alerting'],
  async start({ log, policy, stateDirectory, onFinding, sources }) {
    const { rules = {}, channels = {} } = policy.alerting;
    if (stateDirectory === undefined) {
      if (Object.keys({ ...rules, ...channels }).length === 0) return null;
      throw new PolicyError(
        'POLICY_INVALID',
        'alerting keeps alerts beside the log until they are delivered, and a log in memory has no such place: keep the log in a directory, or take alerting out.',
      );
    }
    const running = await startAlerting({ log, alerting: policy.alerting, stateDirectory });
    onFinding.push((report) => running.report(report));
    sources.push(alertingSource(running));
    return running;
  },
};

const maintenance: PolicyService = {
  name: 'maintenance',
  sections: ['maintenance'],
  async start({ log, policy, stateDirectory, onFinding, sources }) {
    // A log in memory ends before anything of it is due.
    if (stateDirectory === undefined) return null;
    const { jitter, retryMin, retryMax } = policy.maintenance;
    const jobs = maintenanceJobs({
      log,
      maintenance: policy.maintenance,
      retention: policy.retention,
      backups: policy.backups,
      onFinding: (report) => {
        for (const tell of onFinding) tell(report);
      },
    });
    const running = await startMaintenance({ log, jobs, stateDirectory, jitter, retryMin, retryMax });
    sources.push(running);
    return running;
  },
};

/** Last, because it answers for the others. */
const monitoring: PolicyService = {
  name: 'monitoring',
  sections: ['monitoring'],
  async start(context) {
    const { log, policy, listen, sources } = context;
    const spoolDirectory = spools(policy) ? context.spoolDirectory : undefined;
    // The log makes it when the first event needs it, and its disk is watched from now on.
    if (spoolDirectory !== undefined) await mkdir(spoolDirectory, { recursive: true, mode: 0o700 });
    const running = await startMonitoring({
      ...{ log, monitoring: policy.monitoring, sources, spoolDirectory },
      ...(!listen && { server: null }),
    });
    context.handler = running.handler;
    return { status: () => ({ url: running.url, ...running.status() }), stop: () => running.stop() };
  },
};

/** Whether events may come to wait in the spool. */
function spools({ log: { onFailure = [] }, monitoring: { disk } }: Policy): boolean {
  const rules = typeof onFailure === 'string' ? [{ onFailure }] : onFailure;
  return disk.ladder.spool !== undefined || rules.some((rule) => rule.onFailure === 'spool');
}

export const SERVICES: readonly PolicyService[] = [alerting, maintenance, monitoring];
