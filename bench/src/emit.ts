// What an emitted event costs the application: processor time at a steady rate, all threads, and how many batches it makes.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import { httpRequest, openAuditLog } from '@audit/core';
import { type Result, resultOf } from './report.ts';

/** Events a turn: what a turn of a busy server's event loop brings. */
const EVENTS_A_TURN = 20;
/** Milliseconds between two turns: 4,000 events a second. */
const TURN_MS = 5;

export interface EmitPlan {
  readonly rounds: number;
  readonly seconds: number;
  readonly directory: string;
  readonly progress: (line: string) => void;
}

export async function measureEmit({ rounds, seconds, directory, progress }: EmitPlan): Promise<Result[]> {
  const folder = await mkdtemp(join(directory, 'audit-bench-'));
  const log = await openAuditLog({
    directory: join(folder, 'audit-log'),
    origin: 'bench.example/audit',
    onKeyCreated: () => {},
  });
  let batches = 0;
  log.on('checkpoint', () => batches++);
  const micros: number[] = [];
  const sizes: number[] = [];
  try {
    // The first round is the warm-up.
    for (let round = 0; round <= rounds; round++) {
      batches = 0;
      const before = process.cpuUsage();
      const emitted = await emitFor(seconds, (n) => log.emit(request(n)));
      await log.flush();
      const { user, system } = process.cpuUsage(before);
      if (round === 0) continue;
      micros.push((user + system) / emitted);
      sizes.push(emitted / batches);
      progress(`emit, round ${round} of ${rounds}: ${micros.at(-1)!.toFixed(1)} µs of processor an event`);
    }
    const { lost } = log.health();
    await log.close();
    if (Object.keys(lost).length > 0)
      throw new Error(`Events were lost (${JSON.stringify(lost)}): no figure.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const rate = (EVENTS_A_TURN * 1_000) / TURN_MS;
  return [
    resultOf(`emit at ${rate} a second, processor`, 'µs/event', micros),
    resultOf(`emit at ${rate} a second, batch`, 'events', sizes),
  ];
}

async function emitFor(seconds: number, emit: (n: number) => void): Promise<number> {
  const count = Math.round((seconds * 1_000) / TURN_MS) * EVENTS_A_TURN;
  let n = 0;
  for await (const _ of setInterval(TURN_MS)) {
    for (let i = 0; i < EVENTS_A_TURN; i++) emit(n++);
    if (n >= count) break;
  }
  return n;
}

/** The event of a small request, as the HTTP adapters make it: about 800 bytes as an entry. */
function request(n: number) {
  return httpRequest({
    method: 'GET',
    route: '/users/:id',
    path: `/users/u${n % 1_000}`,
    status: 200,
    durationMs: 2.123 + (n % 1_000) / 1_000,
    requestBytes: 321,
    responseBytes: 380,
    protocol: 'HTTP/1.1',
    peer: '127.0.0.1',
    data: {
      requestHeaders: { host: 'shop.example' },
      responseHeaders: { 'content-length': '94', 'content-type': 'application/json; charset=utf-8' },
    },
    outcome: 'success',
    actor: {
      type: 'anonymous',
      id: 'anonymous',
      ip: '127.0.0.1',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    },
    trace: { requestId: '4f6f6f0e-5d2e-4abc-8def-0123456789ab' },
  });
}
