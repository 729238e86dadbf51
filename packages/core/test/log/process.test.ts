import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Entry } from '../../src/event/model.ts';
import { openAuditLog } from '../../src/log/open.ts';
import { testSigner } from '../../src/testing/test-signer.ts';
import { gaps, numbers, types } from './harness.ts';

const EMITTER = fileURLToPath(new URL('../fixtures/emitter.mjs', import.meta.url));
const ORIGIN = 'test.example/exit';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-exit-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Runs the emitter to its own end; nothing stops it. */
function emit(
  directory: string,
  events: number,
  end: 'open' | 'close',
  away = 0,
): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [EMITTER, directory, String(events), end, String(away)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });
}

/** Opens what the process left, verifies it, and returns its entries. */
async function inspect(directory: string): Promise<Entry[]> {
  const log = await openAuditLog({ directory, origin: ORIGIN, signer: testSigner(ORIGIN) });
  const entries: Entry[] = [];
  for await (const entry of log.entries()) entries.push(entry);
  await log.close();
  expect(await log.verify()).toMatchObject({ verdict: 'intact', size: entries.length + 1 });
  return entries;
}

test('a process with nothing more to do stays alive until what it emitted is committed, and then ends', async () => {
  const directory = join(root, 'log');
  expect(await emit(directory, 5_000, 'open')).toEqual({ code: 0, out: 'done\n' });
  const entries = await inspect(directory);
  expect(numbers(entries)).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
  expect(gaps(entries)).toEqual({});
  expect(types(entries)).toContain('log.recover');
});

test('it stays alive for a signer that hangs, too, until it is back', async () => {
  const directory = join(root, 'log');
  expect(await emit(directory, 50, 'open', 350)).toEqual({ code: 0, out: 'done\n' });
  expect(numbers(await inspect(directory))).toHaveLength(50);
});

test('after close nothing keeps the process alive, and the log ended in log.close', async () => {
  const directory = join(root, 'log');
  expect(await emit(directory, 100, 'close')).toEqual({ code: 0, out: 'done\n' });
  const entries = await inspect(directory);
  expect(types(entries).slice(-2)).toEqual(['log.close', 'log.open']);
  expect(numbers(entries)).toHaveLength(100);
});
