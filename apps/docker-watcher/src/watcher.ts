// The service: a log, a watch for each engine, and the server of health and metrics; started and stopped as one.
import { AuditError, type AuditLog, openAuditLog } from '@audit/core';
import { watchDocker } from '@audit/docker';
import type { Policy } from '@audit/policy';
import { type DockerEnvironment, type EngineClient, engineClient } from './engine-clients.ts';
import { exposition } from './exposition.ts';
import { whyNoAnswer } from './first-contact.ts';
import { readiness } from './health.ts';
import { collect } from './metrics.ts';
import { listen, type Monitoring } from './monitoring.ts';
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
  const monitoring = await listen(policy.monitoring);
  let log: AuditLog | undefined;
  const watched: WatchedEngine[] = [];
  try {
    log = await openLog(policy);
    options.opened?.(log);
    log.on('degraded', ({ reason }) => report(`The log: ${reason}`));
    log.on('error', ({ message }) => report(`The log: ${message}`));
    const tally = tallyOf(log);
    for (const client of clients) watched.push(await watchEngine(client, log, policy, report));
    return running(log, watched, monitoring, async (open) => exposition(await collect({ ...open, tally })));
  } catch (error) {
    await stopAll(log, watched, monitoring);
    throw error;
  }
}

function running(
  log: AuditLog,
  engines: readonly WatchedEngine[],
  monitoring: Monitoring,
  metrics: (open: { log: AuditLog; engines: readonly WatchedEngine[] }) => Promise<string>,
): Watcher {
  let stopped: Promise<void> | undefined;
  monitoring.serve({
    readiness: () =>
      stopped === undefined ? readiness(log, engines) : { ready: false, lines: ['stopping'] },
    metrics: () => metrics({ log, engines }),
  });
  return {
    log,
    engines,
    url: monitoring.url,
    stop() {
      stopped ??= stopAll(log, engines, monitoring);
      return stopped;
    },
  };
}

/** Watches first: what they hand in at their end must still be recorded. Health answers until the log is closed. */
async function stopAll(
  log: AuditLog | undefined,
  engines: readonly WatchedEngine[],
  monitoring: Monitoring,
): Promise<void> {
  try {
    await Promise.all(engines.map(({ watch }) => watch.stop()));
  } finally {
    try {
      await log?.close();
    } finally {
      await monitoring.close();
    }
  }
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
