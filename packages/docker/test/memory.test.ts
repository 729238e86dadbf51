import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openAuditLog, verifyDirectory } from '@audit/core';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScriptedEngine, startScriptedEngine } from './support/scripted-engine.ts';
import { startWatcher, type WatcherProcess } from './support/watcher-process.ts';

/**
 * So many ids the log remembers, in two tables that take turns: its own memory goes up and down with them, and is the
 * same after so many entries more.
 */
const REMEMBERED = 65_536;
/** Four entries each. */
const LIVES = REMEMBERED / 4;
const STEP = 1_024;
/** What a collection leaves by chance. 50 bytes kept of each message would be as much. */
const TOLERANCE = 3 << 20;

let folder: string;
let engine: ScriptedEngine;
let watcher: WatcherProcess | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-docker-'));
  engine = await startScriptedEngine(join(folder, 'docker.sock'));
});
afterAll(async () => {
  await watcher?.kill();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

it("a watcher's memory is flat over 16,384 lives of containers", async () => {
  // A real engine makes seven containers a second here: this one only tells of them, over a real socket.
  const directory = join(folder, 'log');
  await fill(directory);
  watcher = await startWatcher(directory, join(folder, 'docker.sock'));
  let sent = 0;
  const step = async () => {
    for (let i = 0; i < STEP; i++) engine.live();
    sent += STEP;
    while ((await watcher!.stats()).recorded < sent * 4) await sleep(50);
    return watcher!.memory();
  };
  const before = await step();
  let after = before;
  for (let done = 0; done < LIVES; done += STEP) after = await step();
  expect((await watcher.stats()).containers).toBe(0);
  console.log(`heap ${mib(before.heapUsed)} MiB, ${LIVES} lives later ${mib(after.heapUsed)} MiB`);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(TOLERANCE);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(TOLERANCE);
  const last = await watcher.stop();
  expect(last).toMatchObject({ dropped: 0, failed: 0, gaps: 0, reconciled: 0 });
  // Besides them only inventories.
  const entries = last.recorded - sent * 4;
  expect(entries).toBeGreaterThanOrEqual(0);
  expect(entries).toBeLessThan(100);
  expect(await verifyDirectory(directory)).toMatchObject({ verdict: 'intact' });
}, 900_000);

it('the engine of this test is one to dockerode', async () => {
  const docker = new Docker({ socketPath: join(folder, 'docker.sock') });
  expect(await docker.version()).toMatchObject({ ApiVersion: '1.41' });
});

async function fill(directory: string): Promise<void> {
  const log = await openAuditLog({ directory, origin: 'test.example/docker', onKeyCreated: () => {} });
  const resource = { type: 'thing', id: 'filler' };
  for (let n = 0; n < REMEMBERED; n++) {
    const id = `docker:${n.toString(16).padStart(40, '0')}`;
    log.emit({ id, type: 'data.read', operation: 'read', resource, outcome: 'success' });
    if (n % 1_000 === 999) await log.flush();
  }
  await log.close();
}

function mib(bytes: number): string {
  return (bytes / (1 << 20)).toFixed(1);
}
