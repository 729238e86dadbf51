// Limits on what containers use, how they are watched, and what is done about a violation: options and defaults.
import { LIMIT_ACTIONS, type LimitAction, RESOURCES, type ResourceKind } from './kinds.ts';
import { type LimitRule, OFF, parseRule } from './rule.ts';

/** Memory in use, without the page cache that can be dropped, at this share of what the container may have. */
export const DEFAULT_MEMORY_LIMIT = '90%';
/** Share of its scheduling periods in which a container with a CPU quota was throttled. */
export const DEFAULT_CPU_LIMIT = '50%';
/** Processes at this share of the container's `--pids-limit`. */
export const DEFAULT_PIDS_LIMIT = '100%';
/** Bytes read from and written to block devices: no limit. */
export const DEFAULT_DISK_LIMIT = OFF;
/** Bytes received and sent: no limit. */
export const DEFAULT_NETWORK_LIMIT = OFF;
/** Run time of one life of a container: no limit. */
export const DEFAULT_TIME_LIMIT = OFF;
/** So many restarts within this time are a restart loop. */
export const DEFAULT_RESTARTS_LIMIT = '5/10m';
/** What is done about a violation. */
export const DEFAULT_LIMIT_ACTION: LimitAction = 'alert';
/** How long memory, CPU, pids, disk and network must be over a limit, or back under it, in milliseconds. */
export const DEFAULT_SUSTAINED = 30_000;
/** A violation is over below this share of its limit. */
export const DEFAULT_RELEASE = 0.9;
/** An open violation is told again at most this often, in milliseconds. */
export const DEFAULT_UPDATE_INTERVAL = 600_000;
/** Milliseconds between two samples of one container, where `samplesPerSecond` allows. */
export const DEFAULT_SAMPLE_INTERVAL = 10_000;
/** Samples taken a second, of all containers. Beyond it they take turns. */
export const DEFAULT_SAMPLES_PER_SECOND = 5;
/** Samples asked for at one time. An engine may take a second to answer. */
export const DEFAULT_SAMPLES_IN_FLIGHT = 16;
/** Whether labels of a container count. */
export const DEFAULT_LABELS = true;
/** Seconds a container is given to stop before the engine kills it. */
export const DEFAULT_STOP_TIMEOUT = 10;
/** How long an action may take, in milliseconds, before it counts as failed. */
export const DEFAULT_ACTION_TIMEOUT = 60_000;

/**
 * Limits are written as in labels: `<limit> [for <duration>] [<action>]`, or `off`. The limit of memory is a share
 * (`90%`) or a size (`512m`), of cpu a share, of pids a share or a number, of disk and network a rate (`50m/s`), of
 * time a duration (`2h`), of restarts a number within a time (`5/10m`).
 */
export interface ResourceOptions {
  /** Default `DEFAULT_MEMORY_LIMIT`. A container without a limit of its own is measured against the host's memory. */
  readonly memory?: string;
  /** Default `DEFAULT_CPU_LIMIT`. */
  readonly cpu?: string;
  /** Default `DEFAULT_PIDS_LIMIT`. A share says nothing of a container without a limit of its own. */
  readonly pids?: string;
  /** Default `DEFAULT_DISK_LIMIT`. */
  readonly disk?: string;
  /** Default `DEFAULT_NETWORK_LIMIT`. */
  readonly network?: string;
  /** Default `DEFAULT_TIME_LIMIT`. */
  readonly time?: string;
  /** Default `DEFAULT_RESTARTS_LIMIT`. */
  readonly restarts?: string;
  /** What is done where a limit does not say it. Default `DEFAULT_LIMIT_ACTION`. */
  readonly action?: LimitAction;
  /**
   * Containers that are never paused, stopped or killed: names, with `*` for any characters, or whole ids. The
   * container this process runs in never is.
   */
  readonly protect?: readonly string[];
  /**
   * Whether `audit.limits.*` labels count. They are written by whoever creates a container: false where these
   * must not decide how it is watched. Default `DEFAULT_LABELS`.
   */
  readonly labels?: boolean;
  /** Default `DEFAULT_SUSTAINED`. */
  readonly sustained?: number;
  /** Default `DEFAULT_RELEASE`. */
  readonly release?: number;
  /** Default `DEFAULT_UPDATE_INTERVAL`. */
  readonly updateInterval?: number;
  /** Default `DEFAULT_SAMPLE_INTERVAL`. */
  readonly sampleInterval?: number;
  /** Default `DEFAULT_SAMPLES_PER_SECOND`. */
  readonly samplesPerSecond?: number;
  /** Default `DEFAULT_SAMPLES_IN_FLIGHT`. */
  readonly samplesInFlight?: number;
  /** Default `DEFAULT_STOP_TIMEOUT`. */
  readonly stopTimeout?: number;
  /** Default `DEFAULT_ACTION_TIMEOUT`. */
  readonly actionTimeout?: number;
}

/** The limits in force, by what they are about. */
export type LimitRules = ReadonlyMap<ResourceKind, LimitRule>;

/** The options with every default filled in. */
export interface ResourceSettings {
  readonly rules: LimitRules;
  readonly action: LimitAction;
  readonly protect: readonly string[];
  readonly labels: boolean;
  readonly sustained: number;
  readonly release: number;
  readonly updateInterval: number;
  readonly sampleInterval: number;
  readonly samplesPerSecond: number;
  readonly samplesInFlight: number;
  readonly stopTimeout: number;
  readonly actionTimeout: number;
}

const DEFAULT_LIMITS: Readonly<Record<ResourceKind, string>> = {
  memory: DEFAULT_MEMORY_LIMIT,
  cpu: DEFAULT_CPU_LIMIT,
  pids: DEFAULT_PIDS_LIMIT,
  disk: DEFAULT_DISK_LIMIT,
  network: DEFAULT_NETWORK_LIMIT,
  time: DEFAULT_TIME_LIMIT,
  restarts: DEFAULT_RESTARTS_LIMIT,
};

/** Each number: its default, the least it may be, and the most. A timer takes no more milliseconds than 2^31 − 1. */
const NUMBERS = {
  sustained: [DEFAULT_SUSTAINED, 0, 2 ** 31 - 1],
  release: [DEFAULT_RELEASE, 0.1, 1],
  updateInterval: [DEFAULT_UPDATE_INTERVAL, 1, 2 ** 31 - 1],
  sampleInterval: [DEFAULT_SAMPLE_INTERVAL, 100, 2 ** 31 - 1],
  samplesPerSecond: [DEFAULT_SAMPLES_PER_SECOND, 0.1, 1_000],
  samplesInFlight: [DEFAULT_SAMPLES_IN_FLIGHT, 1, 1_000],
  stopTimeout: [DEFAULT_STOP_TIMEOUT, 0, 86_400],
  actionTimeout: [DEFAULT_ACTION_TIMEOUT, 1, 2 ** 31 - 1],
} as const;

const KNOWN: readonly string[] = [...RESOURCES, 'action', 'protect', 'labels', ...Object.keys(NUMBERS)];

/** @throws TypeError or RangeError naming the option that is unknown or wrong */
export function resolveResourceOptions(options: ResourceOptions = {}): ResourceSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('resources must be an object');
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`resources.${unknown} is not an option; there are ${KNOWN.join(', ')}`);
  }
  const { action = DEFAULT_LIMIT_ACTION, protect = [], labels = DEFAULT_LABELS } = options;
  if (!LIMIT_ACTIONS.includes(action)) {
    throw new RangeError(`resources.action must be one of ${LIMIT_ACTIONS.join(', ')}`);
  }
  if (!Array.isArray(protect) || !protect.every((name) => typeof name === 'string' && name !== '')) {
    throw new TypeError('resources.protect must be an array of container names');
  }
  if (typeof labels !== 'boolean') throw new TypeError('resources.labels must be true or false');
  const { stopTimeout, actionTimeout, ...numbers } = readNumbers(options);
  if (actionTimeout <= stopTimeout * 1_000) {
    throw new RangeError('resources.actionTimeout (ms) must be longer than resources.stopTimeout (s)');
  }
  return {
    ...{ rules: readRules(options), action, protect: [...protect], labels },
    ...{ stopTimeout, actionTimeout, ...numbers },
  };
}

function readRules(options: ResourceOptions): LimitRules {
  const rules = new Map<ResourceKind, LimitRule>();
  for (const kind of RESOURCES) {
    const text = options[kind] ?? DEFAULT_LIMITS[kind];
    if (typeof text !== 'string') throw new TypeError(`resources.${kind} must be a string such as "90%"`);
    const rule = ruleOf(kind, text);
    if (rule !== null) rules.set(kind, rule);
  }
  return rules;
}

function ruleOf(kind: ResourceKind, text: string): LimitRule | null {
  try {
    return parseRule(kind, text);
  } catch (error) {
    throw new RangeError(`resources.${kind}: ${(error as Error).message}`);
  }
}

function readNumbers(options: ResourceOptions): Readonly<Record<keyof typeof NUMBERS, number>> {
  const read = Object.entries(NUMBERS).map(([name, [fallback, least, most]]) => {
    const value = options[name as keyof typeof NUMBERS] ?? fallback;
    if (typeof value !== 'number') throw new TypeError(`resources.${name} must be a number`);
    if (!(value >= least && value <= most)) {
      throw new RangeError(`resources.${name} must be from ${least} to ${most}, not ${value}`);
    }
    return [name, value];
  });
  return Object.fromEntries(read);
}
