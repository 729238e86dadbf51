// A log that is opened as a policy says, with everything the policy starts beside it.
import { join, resolve } from 'node:path';
import { type AuditLog, type AuditLogOptions, type LogHealth, openAuditLog } from '@audit/core';
import { SPOOL_DIRECTORY } from '@audit/core/internal';
import { EventRulesHandler } from '../events/event-rules.ts';
import { loadPolicy } from '../load.ts';
import type { MonitoringHandler } from '../monitoring/handler.ts';
import type { ParseOptions, Policy } from '../parse.ts';
import { filesOf } from '../stated.ts';
import { Reloader, type ReloadOutcome } from './reload.ts';
import { RunningServices } from './running-services.ts';
import type { ServiceContext } from './service.ts';
import { SERVICES } from './services.ts';
import { WATCH_INTERVAL, watchFiles } from './watch.ts';

export interface GovernOptions extends Pick<ParseOptions, 'env'> {
  /** Options of the log that only code can give, or that are to win over the policy. */
  readonly log?: Partial<AuditLogOptions>;
  /**
   * Look every `WATCH_INTERVAL` milliseconds whether the files of the policy changed, or so often, and `reload()` then.
   * Default false.
   */
  readonly watch?: boolean | number;
  /** Listen where `monitoring` says. Default false: `handler` answers in a server of the application's. */
  readonly listen?: boolean;
  /** Told what came of each reload of `watch` that found a difference. Default: a process warning of what was refused or is invalid. */
  readonly onReload?: (outcome: ReloadOutcome) => void;
}

/** What a governed log says of itself. */
export interface GovernedStatus {
  readonly policy: {
    readonly file: string;
    readonly locked: boolean;
    /** Keys that the file has changed and only a restart brings into force. */
    readonly waiting: readonly string[];
  };
  readonly log: LogHealth;
  /** By name, what each running service says. */
  readonly services: Readonly<Record<string, unknown>>;
}

/** A log, the policy it is under, and what runs beside it. */
export interface GovernedLog {
  readonly log: AuditLog;
  /** The policy in force: what a reload could not take over is as it was at the start. */
  readonly policy: Policy;
  /** Answers for health and metrics: `createServer(governed.handler)`, or `app.use(governed.handler)` of Express. */
  readonly handler: MonitoringHandler;
  /**
   * Reads the file again and takes over what is safe to change while the log is open. Every change is recorded as
   * `system.config_change` before it acts, and so is what is refused. Rejects where it cannot be recorded.
   */
  reload(): Promise<ReloadOutcome>;
  status(): GovernedStatus;
  /** Stops what runs beside the log, then closes the log. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a log as a policy says, and starts what the policy asks for.
 *
 * @param source the file of the policy; or one that was read already, which cannot be reloaded
 * @throws PolicyError and whatever `openAuditLog` throws; nothing stays open then
 */
export async function openGovernedLog(
  source: string | Policy,
  options: GovernOptions = {},
): Promise<GovernedLog> {
  const env = options.env === undefined ? {} : { env: options.env };
  if (typeof source !== 'string' && options.watch) throw new TypeError(`options.watch ${NEEDS_FILE}`);
  const policy = typeof source === 'string' ? await loadPolicy(source, env) : source;
  const settings = { ...policy.log, ...options.log };
  const log = await openAuditLog(settings);
  try {
    const events = new EventRulesHandler(policy.events);
    log.use(events.handler);
    const stateDirectory = stateDirectoryOf(settings);
    const context: ServiceContext = {
      ...{ log, policy, stateDirectory, listen: options.listen ?? false },
      spoolDirectory: settings.spoolDirectory ?? (stateDirectory && join(stateDirectory, SPOOL_DIRECTORY)),
      ...{ onFinding: [], sources: [] },
    };
    const services = await RunningServices.start(SERVICES, context);
    const file = typeof source === 'string' ? source : undefined;
    const reloader = new Reloader(policy, { file: policy.file, options: env, log, events, services });
    return new OpenGovernedLog(log, services, reloader, file, context.handler!, options);
  } catch (error) {
    await log.close().catch(() => {}); // the first failure is the one to tell
    throw error;
  }
}

const NEEDS_FILE =
  'needs the file of the policy: open the log with its path, not with a policy that was read';

class OpenGovernedLog implements GovernedLog {
  readonly log: AuditLog;
  readonly handler: MonitoringHandler;
  readonly #services: RunningServices;
  readonly #reloader: Reloader;
  readonly #file: string | undefined;
  readonly #onReload: (outcome: ReloadOutcome) => void;
  readonly #interval: number | undefined;
  #unwatch: () => void = () => {};
  #closing: Promise<void> | undefined;

  constructor(
    log: AuditLog,
    services: RunningServices,
    reloader: Reloader,
    file: string | undefined,
    handler: MonitoringHandler,
    { watch = false, onReload = warnOfRefusal }: GovernOptions,
  ) {
    this.log = log;
    this.handler = handler;
    this.#services = services;
    this.#reloader = reloader;
    this.#file = file;
    this.#onReload = onReload;
    this.#interval = watch === true ? WATCH_INTERVAL : watch || undefined;
    this.#watch();
  }

  get policy(): Policy {
    return this.#reloader.policy;
  }

  reload(): Promise<ReloadOutcome> {
    if (this.#file === undefined) return Promise.reject(new TypeError(`reload() ${NEEDS_FILE}`));
    return this.#reloader.reload();
  }

  status(): GovernedStatus {
    const { policy, waiting } = this.#reloader;
    return {
      policy: { file: policy.file, locked: policy.locked, waiting: waiting.map(({ key }) => key) },
      log: this.log.health(),
      services: this.#services.status(),
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #watch(): void {
    if (this.#interval === undefined || this.#closing !== undefined) return;
    this.#unwatch();
    this.#unwatch = watchFiles(filesOf(this.policy), this.#interval, () => void this.#changed());
  }

  async #changed(): Promise<void> {
    try {
      const files = filesOf(this.policy);
      const outcome = await this.#reloader.reload();
      if (outcome.status !== 'unchanged') this.#onReload(outcome);
      // Which files it is made of may have changed, too.
      if (filesOf(this.policy).join() !== files.join()) this.#watch();
    } catch (error) {
      warn(
        `The policy ${this.policy.file} changed, and nothing of it was taken over: ${(error as Error).message}`,
      );
    }
  }

  async #close(): Promise<void> {
    this.#unwatch();
    try {
      await this.#services.stop();
    } finally {
      await this.log.close();
    }
  }
}

function warnOfRefusal({ status, refused, error }: ReloadOutcome): void {
  if (status === 'invalid')
    warn(`The policy changed and is none any more; it stays as it was.\n${error!.message}`);
  if (status === 'refused') {
    warn(
      `The policy is locked, and stays as it was: ${refused.map(({ key }) => key).join(', ')} would weaken it.`,
    );
  }
}

function warn(message: string): void {
  process.emitWarning(message, { type: 'AuditWarning', code: 'AUDIT_POLICY' });
}

function stateDirectoryOf({ directory, stateDirectory }: AuditLogOptions): string | undefined {
  if (directory === undefined) return undefined;
  return resolve(stateDirectory ?? `${directory}.private`);
}
