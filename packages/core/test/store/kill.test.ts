import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAuditLog } from '../../src/log/open.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { openFileStore } from '../../src/store/file/open.ts';
import { seededDice } from './model-disk.ts';

const WRITER = fileURLToPath(new URL('../fixtures/writer.mjs', import.meta.url));
const EVENTS = 20_000;
const KILLS = 25;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-kill-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Acknowledged {
  readonly seq: number;
  readonly hash: string;
}

/** Runs a writer; kills it once it acknowledged `killAfter` events (undefined: never). */
function run(
  directory: string,
  prefix: string,
  first: number,
  killAfter: number | undefined,
): Promise<Map<number, Acknowledged>> {
  const child = spawn(process.execPath, [WRITER, directory, prefix, String(first), String(EVENTS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = new Map<number, Acknowledged>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [n, seq, hash] = line.split(' ');
    if (hash?.length !== 64) return; // 'open', or a line the kill cut
    acknowledged.set(Number(n), { seq: Number(seq), hash });
    if (acknowledged.size === killAfter) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL' && code !== 0) reject(new Error(`the writer ended with status ${code}`));
      else resolve(acknowledged);
    });
  });
}

test('a process killed 25 times while writing 20,000 events loses none it acknowledged', async () => {
  const directory = join(root, 'log');
  const dice = seededDice(1);
  const acknowledged = new Map<string, Acknowledged>();
  let kills = 0;
  let next = 0;
  for (let life = 0; next < EVENTS; life++) {
    const killAfter = kills < KILLS ? Math.floor(dice() * (EVENTS / KILLS)) + 1 : undefined;
    const prefix = `life${life}`;
    const done = await run(directory, prefix, next, killAfter);
    for (const [n, receipt] of done) acknowledged.set(`${prefix}-${n}`, receipt);
    if (killAfter !== undefined && done.size >= killAfter) kills++;
    next = Math.max(next, ...[...done.keys()].map((n) => n + 1));
  }
  expect(kills).toBe(KILLS);

  const store = await openFileStore({ directory, lockTimeout: 1_000 });
  const found = new Map<string, Acknowledged>();
  for await (const { seq, text } of store.entries(0, Number.POSITIVE_INFINITY)) {
    found.set((JSON.parse(text) as { id: string }).id, { seq, hash: nodeHasher.leaf(text) });
  }
  await store.close();
  const lost = [...acknowledged].filter(
    ([id, { seq, hash }]) => found.get(id)?.seq !== seq || found.get(id)?.hash !== hash,
  );
  expect(lost).toEqual([]);

  const log = await openAuditLog({ directory });
  const report = await log.verify();
  await log.close();
  expect(report.verdict, JSON.stringify(report.findings)).toBe('intact');
  expect(report.findings.filter(({ code }) => code === 'recovered').length).toBeGreaterThanOrEqual(KILLS);
}, 300_000);
