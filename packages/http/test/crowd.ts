// A crowd of clients in a process of its own: all of them are being served at once, and a tenth hangs up midway.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Entry } from '@audit/core';
import { expect } from 'vitest';

const FIXTURE = fileURLToPath(new URL('fixtures/crowd.mjs', import.meta.url));

/** Clients that are served at the same time. */
export const CROWD = 10_000;
/** They come in waves of so many, each once the one before is being served: the queue to be accepted is short. */
const WAVE = 250;
/** One in so many hangs up. */
export const LEAVING = 10;

export interface Crowd {
  /** Called by the handler of `/stay/:n` and, once its answer has begun, of `/leave/:n`; resolves when all are there. */
  readonly arrive: () => Promise<void>;
  /** Lets the clients go to `port`; resolves with how many answers were whole. */
  run(port: number): Promise<number>;
}

export function gatherCrowd(): Crowd {
  let here = 0;
  let next = () => {};
  let open = () => {};
  const complete = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    arrive() {
      if (++here === CROWD) open();
      else if (here % WAVE === 0) next();
      return complete;
    },
    async run(port) {
      const args = [FIXTURE, port, CROWD, WAVE, LEAVING].map(String);
      const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      next = () => void child.stdin.write('next\n');
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += chunk;
      });
      const [status] = await once(child, 'close');
      expect(status).toBe(0);
      return Number(output);
    },
  };
}

/** Each request has exactly one outcome, and it is the right one. */
export function expectOneOutcomeEach(entries: readonly Entry[]): void {
  const outcomes: Record<string, number> = {};
  const paths = new Set<unknown>();
  for (const { outcome, data } of entries) {
    paths.add(data?.path);
    const key = `${String(data?.path).split('/')[1]} ${outcome} ${data?.status}`;
    outcomes[key] = (outcomes[key] ?? 0) + 1;
  }
  expect(outcomes).toEqual({
    'stay success 200': CROWD - CROWD / LEAVING,
    'leave aborted 200': CROWD / LEAVING,
  });
  expect(paths.size).toBe(CROWD);
  expect(new Set(entries.map(({ trace }) => trace?.requestId)).size).toBe(CROWD);
}
