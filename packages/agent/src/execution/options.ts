// What code may use while it runs, and what is recorded of it: options, their defaults, and the check of them.
import { existsSync } from 'node:fs';
import { checkNames, filled, LONGEST_TIMER, oneOf, whole } from '../check.ts';
import {
  DEFAULT_TEXT,
  DEFAULT_TREATMENT,
  MAX_TEXT,
  TREATMENTS,
  type Treatment,
} from '../content/treatment.ts';
import { AuditAgentError } from '../errors.ts';
import { type AgentOnFailure, RECORDING_NAMES, type RecordingOptions } from '../recording.ts';

/** Milliseconds a process may take. */
export const DEFAULT_TIMEOUT = 60_000;
/** Milliseconds between SIGTERM and SIGKILL. */
export const DEFAULT_KILL_GRACE = 2_000;
/** Milliseconds of processor time of a process and what it starts, together. */
export const DEFAULT_CPU = 60_000;
/** Bytes of resident memory of a process and what it starts, together. */
export const DEFAULT_MEMORY = 536_870_912;
/** No limit: runtimes with a heap of their own reserve far more than they use. */
export const DEFAULT_ADDRESS_SPACE = 0;
/** Bytes of standard output and standard error, together. */
export const DEFAULT_OUTPUT = 1_048_576;
/** Variables of the environment that are passed on. No others: they hold the keys of the application. */
export const DEFAULT_ENVIRONMENT: readonly string[] = ['PATH', 'LANG', 'TZ', 'TMPDIR'];
/** Milliseconds between two looks at the processes, once they have run for a while. */
export const DEFAULT_SAMPLE_INTERVAL = 100;

/** What a policy says of code that is run. A limit of 0 is none. */
export interface SandboxOptions {
  /** Milliseconds, then SIGTERM. Default `DEFAULT_TIMEOUT`. */
  readonly timeout?: number | undefined;
  /** Milliseconds from SIGTERM to SIGKILL. Default `DEFAULT_KILL_GRACE`. */
  readonly killGrace?: number | undefined;
  /** Milliseconds of processor time; whole seconds of it are held to by the kernel, too. Default `DEFAULT_CPU`. */
  readonly cpu?: number | undefined;
  /** Bytes of resident memory. Watched, so that a burst between two looks passes. Linux. Default `DEFAULT_MEMORY`. */
  readonly memory?: number | undefined;
  /** Bytes of address space of each process: the kernel refuses more (RLIMIT_AS). Linux. Default: none. */
  readonly addressSpace?: number | undefined;
  /** Bytes of output. Default `DEFAULT_OUTPUT`. */
  readonly output?: number | undefined;
  /** Names of the variables that are passed on. Default `DEFAULT_ENVIRONMENT`. */
  readonly environment?: readonly string[] | undefined;
  /** What is recorded of the code, or of the command line where no code is given. Default `DEFAULT_TREATMENT`. */
  readonly code?: Treatment | undefined;
  /** What is recorded of the output. Default `DEFAULT_TREATMENT`. */
  readonly result?: Treatment | undefined;
  /** Bytes of each text that are recorded, where texts are. Default `DEFAULT_TEXT`. */
  readonly text?: number | undefined;
  /** Milliseconds; looks never take more than a twentieth of one processor. Default `DEFAULT_SAMPLE_INTERVAL`. */
  readonly sampleInterval?: number | undefined;
  /** Default `DEFAULT_ON_FAILURE`. */
  readonly onFailure?: AgentOnFailure | undefined;
}

/** What is run, besides. */
export interface ExecutionOptions extends SandboxOptions, RecordingOptions {
  /** `python`, `javascript`, … Default: the name of the command; of a function, `javascript`. */
  readonly language?: string | undefined;
  /** The code. Default: the command line; of a function, its text. */
  readonly source?: string | undefined;
  /** How far the code is trusted, in words of your own. */
  readonly securityLevel?: string | undefined;
  /** More facts for the entry. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

export interface ProcessOptions extends ExecutionOptions {
  readonly cwd?: string | undefined;
  /** Variables for the process, besides those passed on. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What it reads on standard input. Default: nothing. */
  readonly input?: string | Uint8Array | undefined;
  /** Ends the process early: SIGTERM, then SIGKILL. */
  readonly signal?: AbortSignal | undefined;
}

/** Limits as they hold for one process; 0 is none. Milliseconds and bytes. */
export interface Limits {
  readonly timeout: number;
  readonly killGrace: number;
  readonly cpu: number;
  readonly memory: number;
  readonly addressSpace: number;
  readonly output: number;
}

export interface SandboxSettings {
  readonly limits: Limits;
  readonly environment: readonly string[];
  readonly code: Treatment;
  readonly result: Treatment;
  readonly text: number;
  readonly sampleInterval: number;
}

const SANDBOX_NAMES = [
  ...['timeout', 'killGrace', 'cpu', 'memory', 'addressSpace', 'output', 'environment'],
  ...['code', 'result', 'text', 'sampleInterval'],
];
const EXECUTION_NAMES = [...SANDBOX_NAMES, ...RECORDING_NAMES, 'language', 'source', 'securityLevel', 'data'];
const PROCESS_NAMES = [...EXECUTION_NAMES, 'cwd', 'env', 'input', 'signal'];

/** Where the limits can be held to. */
export interface Platform {
  /** There is /proc to look at. */
  readonly watched: boolean;
  /** There is a shell that can set what the kernel holds to. */
  readonly shell: boolean;
}

export const PLATFORM: Platform = {
  watched: process.platform === 'linux' && existsSync('/proc/self/stat'),
  shell: process.platform !== 'win32',
};

/** @throws TypeError, RangeError naming the option */
export function checkExecutionOptions(options: ExecutionOptions): SandboxSettings {
  checkNames(options, EXECUTION_NAMES);
  return resolveSandbox(options, PLATFORM);
}

/** @throws TypeError, RangeError naming the option; AuditAgentError `LIMIT_UNAVAILABLE` */
export function checkProcessOptions(options: ProcessOptions, platform = PLATFORM): SandboxSettings {
  checkNames(options, PROCESS_NAMES);
  // A default that cannot be held to is left out, as the entry shows; one that was asked for is refused.
  const needs = { memory: platform.watched, addressSpace: platform.watched, cpu: platform.shell };
  for (const [name, available] of Object.entries(needs) as [keyof typeof needs, boolean][]) {
    if (available || !options[name]) continue;
    throw new AuditAgentError(
      'LIMIT_UNAVAILABLE',
      `options.${name} cannot be held to on ${process.platform}: leave it out, or run the code in a container`,
    );
  }
  return resolveSandbox(options, platform);
}

function resolveSandbox(
  options: SandboxOptions & { language?: unknown },
  platform: Platform,
): SandboxSettings {
  const { environment = DEFAULT_ENVIRONMENT, language } = options;
  if (language !== undefined) filled('language', language);
  if (!Array.isArray(environment) || !environment.every((name) => typeof name === 'string' && name !== '')) {
    throw new TypeError('options.environment must be a list of names, such as ["PATH"]');
  }
  const limit = (name: keyof Limits, fallback: number, most?: number) =>
    whole(name, options[name] ?? fallback, 0, most);
  return {
    limits: {
      timeout: limit('timeout', DEFAULT_TIMEOUT, LONGEST_TIMER),
      killGrace: limit('killGrace', DEFAULT_KILL_GRACE, LONGEST_TIMER),
      cpu: limit('cpu', platform.shell ? DEFAULT_CPU : 0, LONGEST_TIMER),
      memory: limit('memory', platform.watched ? DEFAULT_MEMORY : 0),
      addressSpace: limit('addressSpace', DEFAULT_ADDRESS_SPACE),
      output: limit('output', DEFAULT_OUTPUT),
    },
    environment,
    code: oneOf('code', options.code ?? DEFAULT_TREATMENT, TREATMENTS),
    result: oneOf('result', options.result ?? DEFAULT_TREATMENT, TREATMENTS),
    text: whole('text', options.text ?? DEFAULT_TEXT, 0, MAX_TEXT),
    sampleInterval: whole(
      'sampleInterval',
      options.sampleInterval ?? DEFAULT_SAMPLE_INTERVAL,
      1,
      LONGEST_TIMER,
    ),
  };
}
