// A log that is opened as a policy says, with everything the policy starts beside it.
import { resolve } from 'node:path';
import { type AuditLog, type AuditLogOptions, type LogHealth, openAuditLog } from '@audit/core';
import { loadPolicy } from '../load.ts';
import type { ParseOptions, Policy } from '../parse.ts';
import { RunningServices } from './running-services.ts';
import { SERVICES } from './services.ts';

export interface GovernOptions extends Pick<ParseOptions, 'env'> {
  /** Options of the log that only code can give, or that are to win over the policy. */
  readonly log?: Partial<AuditLogOptions>;
}

/** What a governed log says of itself. */
export interface GovernedStatus {
  readonly policy: { readonly file: string };
  readonly log: LogHealth;
  /** By name, what each running service says. */
  readonly services: Readonly<Record<string, unknown>>;
}

/** A log, the policy it is under, and what runs beside it. */
export interface GovernedLog {
  readonly log: AuditLog;
  /** The policy in force. */
  readonly policy: Policy;
  status(): GovernedStatus;
  /** Stops what runs beside the log, then closes the log. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a log as a policy says, and starts what the policy asks for.
 *
 * @param source the file of the policy, or one that was read already
 * @throws PolicyError and whatever `openAuditLog` throws; nothing stays open then
 */
export async function openGovernedLog(
  source: string | Policy,
  options: GovernOptions = {},
): Promise<GovernedLog> {
  const { env } = options;
  const policy = typeof source === 'string' ? await loadPolicy(source, env ? { env } : {}) : source;
  const log = await openAuditLog({ ...policy.log, ...options.log });
  try {
    const context = { log, policy, stateDirectory: stateDirectoryOf({ ...policy.log, ...options.log }) };
    return new OpenGovernedLog(log, policy, await RunningServices.start(SERVICES, context));
  } catch (error) {
    await log.close().catch(() => {}); // the first failure is the one to tell
    throw error;
  }
}

class OpenGovernedLog implements GovernedLog {
  readonly log: AuditLog;
  readonly #services: RunningServices;
  #policy: Policy;
  #closing: Promise<void> | undefined;

  constructor(log: AuditLog, policy: Policy, services: RunningServices) {
    this.log = log;
    this.#policy = policy;
    this.#services = services;
  }

  get policy(): Policy {
    return this.#policy;
  }

  status(): GovernedStatus {
    return {
      policy: { file: this.#policy.file },
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

  async #close(): Promise<void> {
    try {
      await this.#services.stop();
    } finally {
      await this.log.close();
    }
  }
}

function stateDirectoryOf({ directory, stateDirectory }: AuditLogOptions): string | undefined {
  if (directory === undefined) return undefined;
  return resolve(stateDirectory ?? `${directory}.private`);
}
