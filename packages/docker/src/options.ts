// Options of a watch, their defaults, and what is wrong with them.
import { type AuditLog, getAuditLog } from '@audit/core';
import type { DockerClient } from './docker-client.ts';
import type { ResourceOptions } from './resources/options.ts';

/** Kinds of objects whose events become entries. */
export type DockerObject = 'container' | 'image' | 'network' | 'volume';

/** All of them. */
export const DEFAULT_EVENTS: readonly DockerObject[] = ['container', 'image', 'network', 'volume'];
/** Messages that may wait for the log; more are dropped, counted, and told by `log.gap`. */
export const DEFAULT_QUEUE_MESSAGES = 65_536;
/** Milliseconds before the first attempt to connect again; doubled with each one that fails. */
export const DEFAULT_RETRY_MIN = 250;
/** Longest wait between two attempts, in milliseconds. */
export const DEFAULT_RETRY_MAX = 30_000;
/** How long an answer of the engine is waited for, in milliseconds. The event stream may be silent without end. */
export const DEFAULT_ANSWER_TIMEOUT = 15_000;
/** How often the engine is asked what it has sent lately, in milliseconds: a stalled stream is found by that. */
export const DEFAULT_PROBE_INTERVAL = 30_000;
/** How often list and inspections are compared with what is known, in milliseconds. */
export const DEFAULT_RECONCILE_INTERVAL = 300_000;
/** A difference must still be there after so many milliseconds to be recorded: its event may be on the way. */
export const DEFAULT_SETTLE = 2_000;

export interface DockerWatchOptions {
  /** A dockerode without a `timeout` of its own: that would cut a quiet event stream. */
  readonly docker: DockerClient;
  /** Default: `getAuditLog()`. */
  readonly log?: AuditLog | undefined;
  /** Name of the engine in entries. Default: the name of its host. */
  readonly engine?: string | undefined;
  /** Default: `DEFAULT_EVENTS`. */
  readonly events?: readonly DockerObject[] | undefined;
  /** Probes of health checks are recorded like any other exec. Default: false; what they find is `container.health`. */
  readonly healthProbes?: boolean | undefined;
  /** Record the values of environment variables and not only the names, after the log's privacy rules. Default: false. */
  readonly environmentValues?: boolean | undefined;
  /** Limits on what containers use, and what is done about a violation; `false` watches none. Default: its defaults. */
  readonly resources?: ResourceOptions | false | undefined;
  /** Default: `DEFAULT_QUEUE_MESSAGES`. */
  readonly queueMessages?: number | undefined;
  /** Default: `DEFAULT_RETRY_MIN`. */
  readonly retryMin?: number | undefined;
  /** Default: `DEFAULT_RETRY_MAX`. */
  readonly retryMax?: number | undefined;
  /** Default: `DEFAULT_ANSWER_TIMEOUT`. */
  readonly answerTimeout?: number | undefined;
  /** Default: `DEFAULT_PROBE_INTERVAL`. */
  readonly probeInterval?: number | undefined;
  /** Default: `DEFAULT_RECONCILE_INTERVAL`. */
  readonly reconcileInterval?: number | undefined;
  /** Default: `DEFAULT_SETTLE`. */
  readonly settle?: number | undefined;
}

/** Options with every default filled in. */
export interface WatchSettings {
  readonly docker: DockerClient;
  readonly log: AuditLog;
  readonly engine: string | null;
  readonly events: ReadonlySet<DockerObject>;
  readonly healthProbes: boolean;
  readonly environmentValues: boolean;
  readonly resources: ResourceOptions | false;
  readonly queueMessages: number;
  readonly retryMin: number;
  readonly retryMax: number;
  readonly answerTimeout: number;
  readonly probeInterval: number;
  readonly reconcileInterval: number;
  readonly settle: number;
}

const NAMES: ReadonlySet<string> = new Set([
  ...['docker', 'log', 'engine', 'events', 'healthProbes', 'environmentValues', 'resources', 'queueMessages'],
  ...['retryMin', 'retryMax', 'answerTimeout', 'probeInterval', 'reconcileInterval', 'settle'],
]);

/** Longest delay a timer of Node takes. */
const MAX_DELAY = 2_147_483_647;

/** @throws TypeError, RangeError naming the option */
export function resolveOptions(options: DockerWatchOptions): WatchSettings {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('watchDocker takes an object: watchDocker({ docker: new Docker(), log })');
  }
  for (const name of Object.keys(options)) {
    if (!NAMES.has(name)) throw new RangeError(`${name} is no option; there are ${[...NAMES].join(', ')}`);
  }
  const { docker, events = DEFAULT_EVENTS, engine } = options;
  if (typeof (docker as Partial<DockerClient> | undefined)?.getEvents !== 'function') {
    throw new TypeError('docker must be a dockerode client: new Docker() of the package dockerode');
  }
  if (!Array.isArray(events)) throw new TypeError('events must be a list of kinds, such as ["container"]');
  for (const kind of events) {
    if (!DEFAULT_EVENTS.includes(kind)) {
      throw new RangeError(`events: ${JSON.stringify(kind)} is none of ${DEFAULT_EVENTS.join(', ')}`);
    }
  }
  if (engine !== undefined && (typeof engine !== 'string' || engine === '')) {
    throw new TypeError('engine must be a name that is not empty');
  }
  const retryMin = whole(options, 'retryMin', DEFAULT_RETRY_MIN, 1);
  const retryMax = whole(options, 'retryMax', DEFAULT_RETRY_MAX, 1);
  if (retryMax < retryMin) throw new RangeError('retryMax must not be below retryMin');
  return {
    docker,
    log: options.log ?? getAuditLog(),
    engine: engine ?? null,
    events: new Set(events),
    healthProbes: flag(options, 'healthProbes'),
    environmentValues: flag(options, 'environmentValues'),
    resources: options.resources ?? {},
    queueMessages: whole(options, 'queueMessages', DEFAULT_QUEUE_MESSAGES, 1),
    retryMin,
    retryMax,
    answerTimeout: whole(options, 'answerTimeout', DEFAULT_ANSWER_TIMEOUT, 1),
    probeInterval: whole(options, 'probeInterval', DEFAULT_PROBE_INTERVAL, 1),
    reconcileInterval: whole(options, 'reconcileInterval', DEFAULT_RECONCILE_INTERVAL, 1),
    settle: whole(options, 'settle', DEFAULT_SETTLE, 0),
  };
}

type Numeric = Exclude<keyof WatchSettings, 'docker' | 'log' | 'engine' | 'events' | 'resources' | Flag>;
type Flag = 'healthProbes' | 'environmentValues';

function whole(options: DockerWatchOptions, name: Numeric, fallback: number, least: number): number {
  const value = options[name] ?? fallback;
  if (!Number.isSafeInteger(value) || value < least || value > MAX_DELAY) {
    throw new RangeError(
      `${name} must be a whole number from ${least} to ${MAX_DELAY}, got ${String(value)}`,
    );
  }
  return value;
}

function flag(options: DockerWatchOptions, name: Flag): boolean {
  const value = options[name] ?? false;
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false`);
  return value;
}
