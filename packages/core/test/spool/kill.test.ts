import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Entry } from '../../src/event/model.ts';
import { openAuditLog } from '../../src/log/open.ts';
import { testSigner } from '../../src/testing/test-signer.ts';
import { seededDice } from '../store/model-disk.ts';

const SPOOLER = fileURLToPath(new URL('../fixtures/spooler.mjs', import.meta.url));
const ORIGIN = 'test.example/exit';
const KILLS = Number(process.env.AUDIT_TEST_KILLS ?? 40);

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-spool-kill-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Life {
  /** Last number it was told to be in the spool; −1 where it was killed before. */
  readonly told: number;
  readonly signatures: number;
  readonly opened: boolean;
}

/** Runs a spooler until it has said so many lines of a kind, and kills it. */
function live(directory: string, life: number, what: 'signed' | 'told', lines: number): Promise<Life> {
  const child = spawn(process.execPath, [SPOOLER, directory, String(life)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = -1;
  let tolds = 0;
  let signatures = 0;
  let opened = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'signed') signatures++;
    else if (line === 'open') opened = true;
    else {
      told = Number(line);
      tolds++;
    }
    // Where there was less to sign than that, it is killed while it spools.
    if ((what === 'signed' && signatures === lines) || tolds >= (what === 'told' ? lines : 3)) {
      child.kill('SIGKILL');
    }
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve({ told, signatures, opened });
      else reject(new Error(`the spooler ended with status ${code}`));
    });
  });
}

test(`a process killed ${KILLS} times while it spools, or records what others have spooled, loses nothing it was told is kept`, async () => {
  const directory = join(root, 'log');
  const dice = seededDice(5);
  const lives: Life[] = [];
  for (let life = 0; life < KILLS; life++) {
    const replaying = life % 2 === 1;
    lives.push(
      replaying
        ? await live(directory, life, 'signed', 1 + Math.floor(dice() * 12))
        : await live(directory, life, 'told', 1 + Math.floor(dice() * 60)),
    );
  }
  const killedReplaying = lives.filter(({ opened }) => !opened).length;
  expect(killedReplaying).toBeGreaterThan(KILLS / 8);
  expect(lives.filter(({ told }) => told >= 0).length).toBeGreaterThanOrEqual(KILLS / 2);

  const log = await openAuditLog({ directory, origin: ORIGIN, signer: testSigner(ORIGIN) });
  const found = new Map<number, number[]>();
  const order: number[] = [];
  for await (const { resource, data } of log.entries({ type: 'data.update' }) as AsyncIterable<Entry>) {
    const life = Number(resource.id);
    if (order.at(-1) !== life) order.push(life);
    found.set(life, [...(found.get(life) ?? []), data!.n as number]);
  }
  const report = await log.verify();
  await log.close();
  expect(report.verdict, JSON.stringify(report.findings)).toBe('intact');
  // In order, each once, without a hole, at least up to the last that was told; and no life after a later one.
  for (const [life, { told }] of lives.entries()) {
    const numbers = found.get(life) ?? [];
    expect(numbers, `life ${life}`).toEqual(numbers.map((_, n) => n));
    expect(numbers.length, `life ${life}`).toBeGreaterThan(told);
  }
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(new Set(order).size).toBe(order.length);
  expect((await readdir(join(`${directory}.private`, 'spool'))).sort()).toEqual(['spool.key']);
}, 600_000);
