import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Entry } from '../../src/event/model.ts';
import { openAuditLog } from '../../src/log/open.ts';
import type { AuditLog } from '../../src/log/types.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { nodeSignatures } from '../../src/note/node-primitives.ts';
import { verifyProof } from '../../src/note/tlog-proof.ts';
import { parseVerifierKey } from '../../src/note/verifier-key.ts';
import { event, MoodySigner, numbers, types, until, wait } from './harness.ts';

const ORIGIN = 'test.example/directory';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-log-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function all(log: AuditLog, filter = {}): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of log.entries(filter)) entries.push(entry);
  return entries;
}

test('a new log in a directory makes its key, tells it once, and goes on under it', async () => {
  const directory = join(root, 'log');
  const told: string[] = [];
  const onKeyCreated = (vkey: string) => told.push(vkey);
  const log = await openAuditLog({ directory, origin: ORIGIN, onKeyCreated });
  const receipt = await log.record(event(1));
  expect(log.info()).toMatchObject({ origin: ORIGIN, location: directory, vkey: told[0] });
  await log.close();
  const again = await openAuditLog({ directory, onKeyCreated });
  expect(again.origin).toBe(ORIGIN);
  expect(told).toHaveLength(1);
  const proof = await again.prove(receipt.seq);
  const key = parseVerifierKey(told[0]!, nodeSignatures);
  expect(verifyProof(nodeHasher, proof, receipt.hash, [key])).toMatchObject({
    index: receipt.seq,
    origin: ORIGIN,
  });
  expect(await again.verify({ since: [JSON.stringify(receipt)] })).toMatchObject({
    verdict: 'intact',
    findings: [],
  });
  expect(types(await all(again))).toEqual(['log.create', 'data.update', 'log.close', 'log.open']);
  await again.close();
});

test('a log that rotates under load loses nothing, and is read, searched and verified over all its segments', async () => {
  const directory = join(root, 'log');
  const log = await openAuditLog({
    directory,
    origin: ORIGIN,
    segmentBytes: 50_000,
    batchEvents: 50,
    onKeyCreated() {},
  });
  const start = new Date();
  await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => log.record(event(n, { data: { n, filler: 'x'.repeat(100) } }))),
  );
  const entries = await all(log);
  expect(numbers(entries)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  const rotations = entries.filter(({ type }) => type === 'log.rotate');
  expect(rotations.length).toBeGreaterThan(5);
  for (const { seq, data } of rotations) expect(String(data!.checkpoint).split('\n')[1]).toBe(String(seq));
  expect(numbers(await all(log, { since: start, type: 'data.*' }))).toHaveLength(1_000);
  expect(await all(log, { until: start })).toHaveLength(1);
  expect(await log.verify()).toMatchObject({ verdict: 'intact', size: entries.length });
  await log.close();
  expect((await readdir(join(directory, 'entries'))).length).toBe(rotations.length + 1);
  expect(await log.verify()).toMatchObject({ verdict: 'intact', size: entries.length + 1, findings: [] });
});

test('many callers share few syncs, and emit never waits for one', async () => {
  const directory = join(root, 'log');
  const log = await openAuditLog({ directory, origin: ORIGIN, onKeyCreated() {} });
  let checkpoints = 0;
  log.on('checkpoint', () => checkpoints++);
  for (let n = 0; n < 3_000; n++) log.emit(event(n));
  await log.flush();
  expect(checkpoints).toBeLessThan(20);
  await log.close();
  expect(await log.verify()).toMatchObject({ verdict: 'intact', size: 3_002 });
});

test('a signer that is away leaves entries on disk but not in the log, until it is back', async () => {
  const directory = join(root, 'log');
  const signer = new MoodySigner(ORIGIN);
  const log = await openAuditLog({ directory, origin: ORIGIN, signer, allowUnsigned: true });
  signer.mood = 'down';
  const receipt = await log.record(event(1));
  expect(receipt).toMatchObject({ seq: 1, checkpoint: null, unsigned: true });
  expect(await readFile(join(directory, 'entries', '0000000000000000.jsonl'), 'utf8')).toContain(receipt.id);
  expect(await all(log)).toHaveLength(1);
  const second = log.record(event(2));
  await wait(20);
  signer.mood = 'up';
  await second;
  await until(() => log.health().status === 'ok');
  expect(await all(log)).toHaveLength(3);
  await log.close();
  expect(await log.verify()).toMatchObject({ verdict: 'intact', size: 4 });
});
