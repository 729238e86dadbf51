// What the default rules of privacy cost an emitted event: the same events, rules on and off, in turns.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuditEvent, type AuditLog, openAuditLog } from '@audit/core';
import { EVENT_KINDS, type EventKind } from './privacy-events.ts';
import { type Result, resultOf } from './report.ts';
import { pairedRatio, type Ratio } from './statistics.ts';

/** Slices a round: short, so that both sides meet the same neighbours on a busy machine. */
const SLICES = 10;
/** Events a slice; a slice ends with a flush, whose batch both sides pay. */
const EVENTS_A_SLICE = 1_000;

export interface PrivacyPlan {
  readonly rounds: number;
  readonly directory: string;
  readonly progress: (line: string) => void;
}

export interface PrivacyReport {
  readonly results: readonly Result[];
  readonly ratios: Readonly<Record<string, Ratio>>;
}

type Side = 'on' | 'off';
const SIDES: readonly Side[] = ['on', 'off'];

interface Cost {
  processor: number;
  wall: number;
}

/** Events a second with the rules over events a second without, by processor time and by the clock. */
export async function measurePrivacy({ rounds, directory, progress }: PrivacyPlan): Promise<PrivacyReport> {
  const results: Result[] = [];
  const ratios: Record<string, Ratio> = {};
  for (const kind of EVENT_KINDS) {
    const micros: Record<Side, Record<keyof Cost, number[]>> = {
      on: { processor: [], wall: [] },
      off: { processor: [], wall: [] },
    };
    // The first round is the warm-up.
    for (let round = 0; round <= rounds; round++) {
      const costs = await measureRound(kind, round, directory);
      if (round === 0) continue;
      for (const side of SIDES) {
        micros[side].processor.push(costs[side].processor);
        micros[side].wall.push(costs[side].wall);
      }
      progress(
        `privacy, ${kind.name}, round ${round} of ${rounds}: on ${costs.on.processor.toFixed(1)}, off ${costs.off.processor.toFixed(1)} µs of processor an event`,
      );
    }
    for (const side of SIDES) {
      results.push(resultOf(`privacy ${side}, ${kind.name}, processor`, 'µs/event', micros[side].processor));
    }
    for (const measure of ['processor', 'wall'] as const) {
      ratios[`emit, ${kind.name}, privacy on / off, by ${measure}`] = pairedRatio(
        micros.off[measure],
        micros.on[measure],
      );
    }
  }
  return { results, ratios };
}

/** Two logs at once, in slices that take turns. What they hold is counted and verified. */
async function measureRound(kind: EventKind, round: number, directory: string): Promise<Record<Side, Cost>> {
  const folder = await mkdtemp(join(directory, 'audit-bench-'));
  const open = (side: Side) =>
    openAuditLog({
      directory: join(folder, side),
      origin: 'bench.example/audit',
      privacy: side === 'on' ? {} : { enabled: false },
      onKeyCreated: () => {},
    });
  try {
    const logs: Record<Side, AuditLog> = { on: await open('on'), off: await open('off') };
    const costs: Record<Side, Cost> = { on: { processor: 0, wall: 0 }, off: { processor: 0, wall: 0 } };
    for (let slice = 0; slice < SLICES; slice++) {
      const first = slice * EVENTS_A_SLICE;
      const order = (slice + round) % 2 === 0 ? SIDES : SIDES.toReversed();
      for (const side of order) {
        const { processor, wall } = await measureSlice(logs[side], kind.event, first);
        costs[side].processor += processor / (SLICES * EVENTS_A_SLICE);
        costs[side].wall += wall / (SLICES * EVENTS_A_SLICE);
      }
    }
    for (const side of SIDES) await checkLog(logs[side], kind, side);
    return costs;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Microseconds: of processor, all threads and the writing included; and of the clock, of the calls to `emit` alone. */
async function measureSlice(log: AuditLog, event: (n: number) => AuditEvent, first: number): Promise<Cost> {
  const events = Array.from({ length: EVENTS_A_SLICE }, (_, i) => event(first + i));
  const before = process.cpuUsage();
  const start = performance.now();
  for (const each of events) log.emit(each);
  const wall = (performance.now() - start) * 1_000;
  await log.flush();
  const { user, system } = process.cpuUsage(before);
  return { processor: user + system, wall };
}

/** A figure is void unless every event is there, redacted where it should be, in a log that verifies. */
async function checkLog(log: AuditLog, kind: EventKind, side: Side): Promise<void> {
  const { lost } = log.health();
  const report = await log.verify();
  let recorded = 0;
  let redacted = 0;
  for await (const entry of log.entries()) {
    if (entry.type.startsWith('log.')) continue;
    recorded++;
    if (entry.redacted !== undefined) redacted++;
  }
  await log.close();
  const expected = SLICES * EVENTS_A_SLICE;
  const secret = side === 'on' && kind.secret ? expected : 0;
  if (
    report.verdict !== 'intact' ||
    recorded !== expected ||
    redacted !== secret ||
    Object.keys(lost).length > 0
  ) {
    throw new Error(
      `${kind.name}, privacy ${side}: ${recorded} of ${expected} events, ${redacted} of ${secret} redacted, ${report.verdict}, lost ${JSON.stringify(lost)}: no figure.`,
    );
  }
}
