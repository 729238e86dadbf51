// The service: a log, a watch for each engine, and the server of health and metrics; started and stopped as one.
import { AuditError, type AuditLog, openAuditLog } from '@audit/core';
import { watchDocker } from '@audit/docker';
import {
  type Alerting,
  alertingSource,
  type Check,
  eventRules,
  listenForMonitoring,
  type Maintenance,
  type Monitoring,
  type MonitoringServer,
  maintenanceJobs,
  type Policy,
  PolicyError,
  startAlerting,
  startMaintenance,
  startMonitoring,
} from '@audit/policy';
import { type DockerEnvironment, type EngineClient, engineClient } from './engine-clients.ts';
import { whyNoAnswer } from './first-contact.ts';
import { engineChecks, recordingCheck } from './health.ts';
import { engineMetrics } from './metrics.ts';
import { EXIT_FAILED, EXIT_MISCONFIGURED, Refusal } from './refusal.ts';
import { tallyOf } from './tally.ts';
import { type Report, WatchedEngine } from './watched-engine.ts';

export interface WatcherOptions {
  readonly policy: Policy;
  /** Where `DOCKER_HOST` and its like are looked up. Default: `process.env`. */
  readonly env?: DockerEnvironment;
  /** Told what a person should know; each a sentence. */
  readonly report: Report;
  /** Told the log as soon as it is open, before anything is recorded in it. */
  readonly opened?: (log: AuditLog) => void;
}

/** A service that runs. */
export interface Watcher {
  readonly log: AuditLog;
  readonly engines: readonly WatchedEngine[];
  /** Where health and metrics are. */
  readonly url: string;
  /** Ends the watches, waits until what they saw is durable, closes the log. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts to watch. Engines that do not answer are told and waited for, as long as one does: a service that can watch
 * nothing says so and ends.
 *
 * @throws Refusal with the sentence for whoever starts it; nothing is left open
 */
export async function startWatcher(options: WatcherOptions): Promise<Watcher> {
  const { policy, env = process.env, report } = options;
  const clients = policy.docker.engines.map((engine) => engineClient(engine, env));
  await askEngines(clients, report);
  // Before the log: where the port is taken, nothing is written.
  const parts: Parts = { server: await listen(policy), engines: [], stopping: false };
  try {
    parts.log = await openLog(policy);
    const { log, engines } = parts;
    options.opened?.(log);
    log.on('degraded', ({ reason }) => report(`The log: ${reason}`));
    log.on('error', ({ message }) => report(`The log: ${message}`));
    log.use(eventRules(policy.events));
    const tally = tallyOf(log);
    const alerting = await alert(log, policy);
    parts.alerting = alerting;
    for (const client of clients) engines.push(await watchEngine(client, log, policy, report));
    parts.maintenance = await maintain(log, policy, alerting, report);
    parts.monitoring = await startMonitoring({
      ...{ log, monitoring: policy.monitoring, server: parts.server, checkLog: recordingCheck },
      spoolDirectory: policy.log.spoolDirectory,
      sources: [
        { checks: () => stoppingCheck(parts) },
        { checks: () => engineChecks(engines), metrics: () => engineMetrics(engines, tally) },
        alertingSource(alerting),
        parts.maintenance,
      ],
      onDisk: ({ reason, action }) => report(`The log: ${reason} (${action ?? 'room again'})`),
      onHalt: () => report('The log: closed. Make room, then start the service again.'),
    });
    return running(parts, log);
  } catch (error) {
    await stopAll(parts);
    throw error;
  }
}

/** What is started, in the order it is. */
interface Parts {
  readonly server: MonitoringServer;
  log?: AuditLog;
  readonly engines: WatchedEngine[];
  alerting?: Alerting;
  maintenance?: Maintenance;
  monitoring?: Monitoring;
  stopping: boolean;
}

function running(parts: Parts, log: AuditLog): Watcher {
  let stopped: Promise<void> | undefined;
  return {
    log,
    engines: parts.engines,
    url: parts.server.url,
    stop() {
      parts.stopping = true;
      stopped ??= stopAll(parts);
      return stopped;
    },
  };
}

/** Watches first: what they hand in at their end must still be recorded. Health answers until the log is closed. */
async function stopAll({ server, log, engines, alerting, maintenance, monitoring }: Parts): Promise<void> {
  try {
    await Promise.all(engines.map(({ watch }) => watch.stop()));
    await maintenance?.stop();
    await alerting?.stop();
  } finally {
    try {
      await log?.close();
    } finally {
      await (monitoring ?? server).stop();
    }
  }
}

function stoppingCheck({ stopping }: Parts): readonly Check[] {
  return stopping ? [{ name: 'service', status: 'failed', reasons: ['It is stopping.'] }] : [];
}

/** @throws Refusal */
async function listen(policy: Policy): Promise<MonitoringServer> {
  try {
    return await listenForMonitoring(policy.monitoring);
  } catch (error) {
    throw refusalOf(error);
  }
}

/** @throws Refusal */
async function alert(log: AuditLog, { alerting, log: options }: Policy): Promise<Alerting> {
  const stateDirectory = options.stateDirectory ?? `${log.info().location}.private`;
  try {
    return await startAlerting({ log, alerting, stateDirectory });
  } catch (error) {
    throw new Refusal((error as Error).message, EXIT_FAILED, { cause: error });
  }
}

/** @throws Refusal */
async function maintain(
  log: AuditLog,
  policy: Policy,
  alerting: Alerting,
  report: Report,
): Promise<Maintenance> {
  const { maintenance, retention, backups, log: options } = policy;
  const jobs = maintenanceJobs({
    ...{ log, maintenance, retention, backups },
    onFinding: (found) => {
      alerting.report(found);
      report(`The log: ${found.verdict} at ${found.size} entries: run audit verify.`);
    },
  });
  try {
    return await startMaintenance({
      ...{ log, jobs, ...maintenance, stateDirectory: options.stateDirectory },
      onRun: ({ name, error }) => error && report(`The log: ${name} failed: ${error.message}`),
    });
  } catch (error) {
    throw refusalOf(error);
  }
}

/** What the policy's parts say of their start is said as it is. */
function refusalOf(error: unknown): Error {
  return error instanceof PolicyError
    ? new Refusal(error.message, EXIT_FAILED, { cause: error })
    : (error as Error);
}

/** @throws Refusal where none answers */
async function askEngines(clients: readonly EngineClient[], report: Report): Promise<void> {
  const reasons = await Promise.all(clients.map(whyNoAnswer));
  const away = reasons.filter((reason) => reason !== null);
  if (away.length === clients.length) throw new Refusal(away.join(' '), EXIT_FAILED);
  for (const reason of away) report(`${reason} It is watched as soon as it answers.`);
}

async function watchEngine(
  client: EngineClient,
  log: AuditLog,
  policy: Policy,
  report: Report,
): Promise<WatchedEngine> {
  const { docker, name } = client;
  const watch = await watchDocker({ ...policy.docker.watch, docker, log, engine: name });
  return new WatchedEngine(client, watch, report);
}

async function openLog({ file, log: options }: Policy): Promise<AuditLog> {
  try {
    return await openAuditLog(options);
  } catch (error) {
    if (!(error instanceof AuditError)) {
      const { message } = error as Error;
      throw new Refusal(`The log cannot be kept in ${options.directory}: ${message}`, EXIT_FAILED, {
        cause: error,
      });
    }
    // What the policy says contradicts the log that is there, or does not suffice for a new one.
    const misconfigured = error.code === 'OPTIONS_INVALID';
    const sentence = misconfigured ? `${file}: the log cannot be opened: ${error.message}` : error.message;
    throw new Refusal(sentence, misconfigured ? EXIT_MISCONFIGURED : EXIT_FAILED, { cause: error });
  }
}
