// Requests a second: the variants of one framework take turns, slice by slice; each round has new processes.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../report.ts';
import { resultOf } from '../report.ts';
import { median, pairedRatio, type Ratio } from '../statistics.ts';
import { checkRecords } from './count.ts';
import type { LoadResult } from './load.ts';
import { type LoadProcess, ServerProcess } from './processes.ts';
import { type Framework, PEERS, type Variant } from './variants.ts';

/** Variants change places this often, in seconds: what else the machine does then meets all of them alike. */
export const SLICE_SECONDS = 0.5;

export interface RoundPlan {
  /** Each with new processes. */
  readonly rounds: number;
  /** Measured, of each variant in each round. */
  readonly seconds: number;
  /** Before that, in the same process. */
  readonly warmup: number;
  readonly connections: number;
  readonly variants: readonly Variant[];
  /** Where the servers record; emptied after each round. */
  readonly directory: string;
  /** Flags for the server's Node. */
  readonly nodeArgs: readonly string[];
  readonly progress: (line: string) => void;
}

/** What one variant did in one round. */
interface Turn {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Processor time of all the server's threads for one request. */
  readonly cpuMicros: number;
  readonly drainMs: number;
}

export interface FrameworkReport {
  readonly results: readonly Result[];
  readonly ratios: Readonly<Record<string, Ratio>>;
}

export async function compare(
  framework: Framework,
  client: LoadProcess,
  plan: RoundPlan,
): Promise<FrameworkReport> {
  const turns = new Map<Variant, Turn[]>(plan.variants.map((variant) => [variant, []]));
  for (let round = 0; round < plan.rounds; round++) {
    for (const [variant, turn] of await runRound(framework, round, client, plan)) {
      turns.get(variant)!.push(turn);
      plan.progress(
        `${framework}, round ${round + 1} of ${plan.rounds}, ${variant}: ${turn.perSecond.toFixed(0)} requests/s, ` +
          `${turn.cpuMicros.toFixed(1)} µs of processor a request`,
      );
    }
  }
  return reportOf(framework, turns);
}

/** A server under way and what it was measured to do. */
interface Contestant {
  readonly variant: Variant;
  readonly directory: string;
  readonly server: ServerProcess;
  readonly slices: LoadResult[];
  answered: number;
  cpuMicros: number;
}

async function runRound(
  framework: Framework,
  round: number,
  client: LoadProcess,
  plan: RoundPlan,
): Promise<Map<Variant, Turn>> {
  const directory = await mkdtemp(join(plan.directory, 'audit-bench-'));
  const contestants: Contestant[] = [];
  try {
    for (const variant of plan.variants) {
      contestants.push(await begin(framework, variant, join(directory, variant), client, plan));
    }
    const slices = Math.max(1, Math.round(plan.seconds / SLICE_SECONDS));
    for (let slice = 0; slice < slices; slice++) {
      // Another one begins each time, so that none always comes after the same one.
      const first = (round + slice) % contestants.length;
      for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
        await measure(contestant, client, plan.connections, plan.seconds / slices);
      }
    }
    const turns = new Map<Variant, Turn>();
    for (const contestant of contestants) turns.set(contestant.variant, await end(contestant));
    return turns;
  } finally {
    await Promise.all(contestants.map(({ server }) => server.end()));
    await rm(directory, { recursive: true, force: true });
  }
}

async function begin(
  framework: Framework,
  variant: Variant,
  directory: string,
  client: LoadProcess,
  { connections, warmup, nodeArgs }: RoundPlan,
): Promise<Contestant> {
  await mkdir(directory);
  const server = await ServerProcess.start({ framework, variant, directory }, nodeArgs);
  const { requests } = await client.run({ port: server.port, connections, seconds: warmup });
  return { variant, directory, server, slices: [], answered: requests, cpuMicros: 0 };
}

async function measure(
  contestant: Contestant,
  client: LoadProcess,
  connections: number,
  seconds: number,
): Promise<void> {
  const { server, slices } = contestant;
  const before = await server.cpuMicros();
  const slice = await client.run({ port: server.port, connections, seconds });
  contestant.cpuMicros += (await server.cpuMicros()) - before;
  contestant.answered += slice.requests;
  slices.push(slice);
}

/** @throws Error where not every answer was recorded */
async function end({ variant, directory, server, slices, answered, cpuMicros }: Contestant): Promise<Turn> {
  const drainMs = await server.stop();
  await checkRecords(variant, directory, answered);
  const requests = sum(slices.map((slice) => slice.requests));
  return {
    perSecond: (requests / sum(slices.map((slice) => slice.elapsedMs))) * 1_000,
    p99Ms: median(slices.map((slice) => slice.p99Ms)),
    cpuMicros: cpuMicros / requests,
    drainMs,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function reportOf(framework: Framework, turns: ReadonlyMap<Variant, readonly Turn[]>): FrameworkReport {
  const results: Result[] = [];
  for (const [variant, all] of turns) {
    const figure = (what: string, unit: string, of: (turn: Turn) => number) =>
      results.push(resultOf(`${framework} ${variant}${what}`, unit, all.map(of)));
    figure('', 'requests/s', (turn) => turn.perSecond);
    figure(', p99', 'ms', (turn) => turn.p99Ms);
    figure(', processor', 'µs/request', (turn) => turn.cpuMicros);
    if (variant !== 'none') figure(', drain', 'ms', (turn) => turn.drainMs);
  }
  const rates = (variant: Variant) => turns.get(variant)!.map((turn) => turn.perSecond);
  const peers = PEERS.filter((variant) => turns.has(variant));
  const peer = peers.sort((a, b) => median(rates(b)) - median(rates(a)))[0];
  const ratios: Record<string, Ratio> = {};
  for (const variant of turns.keys()) {
    if (variant === 'none' || PEERS.includes(variant)) continue;
    if (peer !== undefined)
      ratios[`${framework} ${variant} / ${peer}`] = pairedRatio(rates(variant), rates(peer));
    if (turns.has('none'))
      ratios[`${framework} ${variant} / none`] = pairedRatio(rates(variant), rates('none'));
  }
  return { results, ratios };
}
