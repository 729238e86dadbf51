// The services a governed log starts, in this order; they stop in the reverse. Each capability adds its line here.
import { startAlerting } from '../alerting/start.ts';
import { maintenanceJobs } from '../maintenance/jobs.ts';
import { startMaintenance } from '../maintenance/maintenance.ts';
import { startMonitoring } from '../monitoring/start.ts';
import { PolicyError } from '../problem.ts';
import type { PolicyService } from './service.ts';

const alerting: PolicyService = {
  name: 'alerting',
  sections: ['alerting'],
  async start({ log, policy, stateDirectory, onFinding }) {
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
    const { log, policy, listen, sources, spoolDirectory } = context;
    const running = await startMonitoring({
      ...{ log, monitoring: policy.monitoring, sources, spoolDirectory },
      ...(!listen && { server: null }),
    });
    context.handler = running.handler;
    return { status: () => ({ url: running.url, ...running.status() }), stop: () => running.stop() };
  },
};

export const SERVICES: readonly PolicyService[] = [alerting, maintenance, monitoring];
