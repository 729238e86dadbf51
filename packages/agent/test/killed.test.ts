import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Entry, parseEntry, verifyDirectory } from '@audit/core';
import { expect, it } from 'vitest';
import { isRunning, until } from './support/processes.ts';

const RUNNER = fileURLToPath(new URL('fixtures/runner.mjs', import.meta.url));

/** What is on record of an execution whose recorder is killed while it runs. */
async function leftBy(onFailure: string): Promise<readonly Entry[]> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-agent-killed-'));
  const directory = join(folder, 'log');
  const runner = spawn(process.execPath, [RUNNER, directory, folder, onFailure], { stdio: 'inherit' });
  const pidFile = join(folder, 'pid');
  await until(() => existsSync(pidFile) && /\d\n/.test(readFileSync(pidFile, 'utf8')));
  runner.kill('SIGKILL');
  await once(runner, 'close');
  // It has outlived who started it: it is ours to end.
  process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
  expect((await verifyDirectory(directory)).verdict).toBe('intact');
  const segments = join(directory, 'entries');
  const texts = await Promise.all(
    (await readdir(segments)).map((name) => readFile(join(segments, name), 'utf8')),
  );
  await rm(folder, { recursive: true });
  const entries = texts.flatMap((text) => text.trim().split('\n')).map(parseEntry);
  return entries.filter(({ type }) => type === 'code.execution');
}

it('strict, leaves on record that it has begun when the recorder is killed', async () => {
  const left = await leftBy('strict');
  expect(left).toHaveLength(1);
  expect(left[0]).toMatchObject({ outcome: 'unknown', data: { phase: 'started', command: 'sh' } });
});

it('a process that exits takes with it what it runs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'audit-agent-exit-'));
  const directory = join(folder, 'log');
  const runner = spawn(process.execPath, [RUNNER, directory, folder, 'strict', 'exit'], { stdio: 'inherit' });
  const [code] = await once(runner, 'close');
  expect(code).toBe(7);
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  expect(pid).toBeGreaterThan(1);
  await until(() => !isRunning(pid));
  expect((await verifyDirectory(directory)).verdict).toBe('intact');
  await rm(folder, { recursive: true });
});

it('best-effort leaves nothing of it: that is what strict is for', async () => {
  expect(await leftBy('best-effort')).toEqual([]);
});
