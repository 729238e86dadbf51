// The command line of the benchmark. Imports node built-ins only.
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { FRAMEWORKS, type Framework, VARIANTS, type Variant } from './http/variants.ts';

/** Rounds, each with new processes. */
export const DEFAULT_ROUNDS = 10;
/** Seconds each variant is measured in a round. */
export const DEFAULT_SECONDS = 3;
/** Seconds of load before it. */
export const DEFAULT_WARMUP = 2;
/** Keep-alive connections, each with one request under way. */
export const DEFAULT_CONNECTIONS = 32;

/** What there is to measure: the cost of an emitted event, that of privacy in it, and requests a second. */
export const PARTS = ['emit', 'privacy', 'http'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  readonly parts: readonly Part[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup: number;
  readonly connections: number;
  readonly frameworks: readonly Framework[];
  readonly variants: readonly Variant[];
  /** The logs are written to a new folder in here. */
  readonly directory: string;
  /** Flags for the Node of the measured server. */
  readonly nodeArgs: readonly string[];
  readonly json: boolean;
  /** Print `USAGE` and nothing else. */
  readonly help: boolean;
}

export const USAGE = `npm run bench -- [options]
  --part NAME        one of ${PARTS.join(', ')}; may be repeated (all)
  --rounds N         each with new processes (${DEFAULT_ROUNDS})
  --seconds N        measured of each variant in a round (${DEFAULT_SECONDS})
  --warmup N         seconds of load before it (${DEFAULT_WARMUP})
  --connections N    keep-alive connections (${DEFAULT_CONNECTIONS})
  --framework NAME   one of ${FRAMEWORKS.join(', ')}; may be repeated (all)
  --variant NAME     one of ${VARIANTS.join(', ')}; may be repeated (all)
  --directory PATH   where the logs are written (the system's temporary folder)
  --node-arg FLAG    for the Node of the server, such as --node-arg=--cpu-prof; may be repeated
  --json             print JSON instead of the table
  --help             print this`;

/** @throws Error with a sentence for whoever typed it */
export function readOptions(args: readonly string[]): BenchOptions {
  const text = { type: 'string' } as const;
  const list = { type: 'string', multiple: true } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      part: list,
      rounds: text,
      seconds: text,
      warmup: text,
      connections: text,
      framework: list,
      variant: list,
      directory: text,
      'node-arg': list,
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  return {
    parts: chosen('part', values.part, PARTS),
    rounds: positive('rounds', values.rounds, DEFAULT_ROUNDS, true),
    seconds: positive('seconds', values.seconds, DEFAULT_SECONDS),
    warmup: positive('warmup', values.warmup, DEFAULT_WARMUP),
    connections: positive('connections', values.connections, DEFAULT_CONNECTIONS, true),
    frameworks: chosen('framework', values.framework, FRAMEWORKS),
    variants: chosen('variant', values.variant, VARIANTS),
    directory: values.directory ?? tmpdir(),
    nodeArgs: values['node-arg'] ?? [],
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function positive(name: string, given: string | undefined, fallback: number, whole = false): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (value > 0 && Number.isFinite(value) && (!whole || Number.isInteger(value))) return value;
  throw new Error(`--${name} must be a ${whole ? 'whole ' : ''}number above 0, not "${given}".`);
}

/** In the order of the table, whatever the order on the command line. */
function chosen<T extends string>(
  name: string,
  given: readonly string[] | undefined,
  all: readonly T[],
): T[] {
  const wrong = given?.find((value) => !all.includes(value as T));
  if (wrong !== undefined) throw new Error(`--${name} must be one of ${all.join(', ')}, not "${wrong}".`);
  return all.filter((value) => given === undefined || given.includes(value));
}
