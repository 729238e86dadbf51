import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../src/event/model.ts';
import { openAuditLog } from '../../src/log/open.ts';
import type { AuditLogOptions } from '../../src/log/options.ts';
import type { AuditLog, Receipt } from '../../src/log/types.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { nodeSignatures } from '../../src/note/node-primitives.ts';
import { verifyProof } from '../../src/note/tlog-proof.ts';
import { parseVerifierKey } from '../../src/note/verifier-key.ts';
import { verifyDirectory } from '../../src/store/file/verify-directory.ts';
import type { StoredSegment } from '../../src/store/store.ts';
import { event, openLog, until } from './harness.ts';

const ORIGIN = 'test.example/prune';
const WHY = { keep: '30d' };

let directory: string;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'audit-prune-')), 'log');
});
afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }));

function open(options: Partial<AuditLogOptions> = {}): Promise<AuditLog> {
  return openAuditLog({ directory, origin: ORIGIN, segmentBytes: 20_000, onKeyCreated() {}, ...options });
}

/** Records `count` events in batches small enough that segments are rotated. */
async function fill(log: AuditLog, count: number): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for (let n = 0; n < count; n += 20) {
    receipts.push(...(await Promise.all(Array.from({ length: 20 }, (_, i) => log.record(event(n + i))))));
  }
  return receipts;
}

/** Goes on recording until `least` segments are sealed; returns where the last of these ends. */
async function sealed(log: AuditLog, least: number): Promise<number> {
  for (;;) {
    const ends = (await log.segments()).filter((one) => one.sealed).map((one) => one.first + one.entries);
    if (ends.length >= least) return ends[least - 1]!;
    await fill(log, 20);
  }
}

async function all(log: AuditLog, filter = {}): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of log.entries(filter)) entries.push(entry);
  return entries;
}

const names = async () => (await readdir(join(directory, 'entries'))).sort();
const kept = () => readFile(join(directory, 'kept.jsonl'), 'utf8');

async function verify(log: AuditLog, since: string[] = []) {
  const keys = [parseVerifierKey(log.info().vkey, nodeSignatures)];
  return verifyDirectory(directory, { keys, since });
}

test('segments are listed in order, the active one last and not sealed', async () => {
  await using log = await open();
  await fill(log, 400);
  await sealed(log, 3);
  const segments = await log.segments();
  expect(segments[0]).toMatchObject({ first: 0, sealed: true });
  expect(segments.at(-1)).toMatchObject({ sealed: false });
  expect(segments.reduce((sum, { entries }) => sum + entries, 0)).toBe(log.info().size);
  for (const [i, { first, entries, bytes }] of segments.entries()) {
    expect(bytes).toBeGreaterThan(0);
    expect(segments[i + 1]?.first ?? log.info().size).toBe(first + entries);
  }
  return await expect(verify(log)).resolves.toMatchObject({ verdict: 'intact' });
});

test('a prune takes whole sealed segments, says so in the log, and leaves it intact', async () => {
  const log = await open();
  const receipts = await fill(log, 400);
  const to = await sealed(log, 3);
  // Compression goes on beside it: names and sizes may change meanwhile, and what is sealed.
  const places = (segments: readonly StoredSegment[]) =>
    segments.map(({ first, entries }) => ({ first, entries }));
  const before = places(await log.segments());
  const checkpoint = log.info().checkpoint!;
  const proof = await log.prove(receipts[10]!.seq);

  const dry = await log.prune({ to: to + 5, policy: WHY, dryRun: true });
  expect(dry).toMatchObject({ from: 0, to, entries: to, seq: null, segments: before.slice(0, 3) });
  expect(places(await log.segments())).toEqual(before);

  const report = await log.prune({ to: to + 5, policy: WHY });
  expect(report).toMatchObject({ from: 0, to, entries: to, kept: dry.kept, seq: expect.any(Number) });
  expect(places(report.segments)).toEqual(places(dry.segments));
  expect((await log.segments())[0]!.first).toBe(to);
  const [told] = await all(log, { type: 'log.prune' });
  expect(told).toMatchObject({ seq: report.seq, level: 'security', data: { from: 0, to, policy: WHY } });
  // `kept.jsonl` is what the entry says that it is, by coreutils alone.
  const sha256 = createHash('sha256')
    .update(await kept())
    .digest('hex');
  expect(told!.data).toMatchObject({ kept: { count: 1, sha256 } });
  expect(await kept()).toContain('"type":"log.create"');

  // Proofs and checkpoints from before hold, and entries that are gone can still be proven.
  const key = parseVerifierKey(log.info().vkey, nodeSignatures);
  const { hash, seq } = receipts[10]!;
  expect(verifyProof(nodeHasher, proof, hash, [key])).toMatchObject({ index: seq });
  expect(verifyProof(nodeHasher, await log.prove(seq), hash, [key])).toMatchObject({ index: seq });
  const found = await verify(log, [checkpoint, JSON.stringify(receipts[10])]);
  expect(found).toMatchObject({ verdict: 'intact', findings: [{ code: 'pruned', seq: { from: 0, to } }] });
  await log.record(event(1_000));
  await log.close();
  const again = await open();
  expect((await all(again))[0]!.seq).toBe(to);
  expect(await again.verify({ since: [checkpoint] })).toMatchObject({ verdict: 'intact' });
  await again.close();
});

test('prunes follow one another, and each keeps what the ones before kept', async () => {
  const log = await open();
  await fill(log, 200);
  await log.prune({ to: await sealed(log, 1), policy: WHY });
  await log.close();
  const again = await open();
  await fill(again, 400);
  await sealed(again, 8);
  const { to } = await again.prune({ to: Number.MAX_SAFE_INTEGER, policy: WHY });
  expect(await kept()).toMatch(/"type":"log.create".*\n.*"type":"log.prune"/);
  await fill(again, 100);
  const last = await again.prune({ to: to + 150, policy: WHY });
  expect(last.from).toBe(to);
  expect(last.kept).toBeGreaterThanOrEqual(2);
  expect((await verify(again)).findings).toMatchObject([{ code: 'pruned', seq: { from: 0, to: last.to } }]);
  await again.close();
});

test('where nothing may go nothing is recorded', async () => {
  await using log = await open();
  await fill(log, 100);
  await sealed(log, 1);
  const { size } = log.info();
  const report = await log.prune({ to: 3, policy: WHY });
  expect(report).toMatchObject({ from: 0, to: 0, entries: 0, segments: [], seq: null });
  expect(log.info().size).toBe(size);
  return await expect(verify(log)).resolves.toMatchObject({ verdict: 'intact', findings: [] });
});

test('recording goes on while a log is pruned', async () => {
  const log = await open();
  await fill(log, 400);
  const to = await sealed(log, 3);
  const [report, receipts] = await Promise.all([log.prune({ to, policy: WHY }), fill(log, 600)]);
  expect(report.to).toBe(to);
  const found = (await all(log)).map(({ seq }) => seq);
  for (const { seq } of receipts) expect(found).toContain(seq);
  expect(await verify(log)).toMatchObject({ verdict: 'intact' });
  await log.close();
});

test('closing gives a prune up that is not recorded, and waits for one that is', async () => {
  const log = await open();
  await fill(log, 400);
  const to = await sealed(log, 3);
  const pruned = log.prune({ to, policy: WHY }).catch((error) => error.code);
  await log.close();
  expect(await pruned).toBe('LOG_CLOSED');
  expect((await names()).length).toBeGreaterThan(3);
  await expect(log.prune({ to, policy: WHY })).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  const again = await open();
  await fill(again, 20);
  const second = again.prune({ to, policy: WHY });
  const size = again.info().size;
  await until(() => again.info().size > size);
  await again.close();
  expect(await second).toMatchObject({ to, seq: size });
  const last = await open();
  expect((await last.segments())[0]!.first).toBe(to);
  expect(await verify(last)).toMatchObject({ verdict: 'intact' });
  await last.close();
});

describe('nothing is pruned', () => {
  test('of a log whose store cannot', async () => {
    const log = await openLog();
    await expect(log.prune({ to: 1, policy: WHY })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    await expect(log.segments()).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    expect(await log.verify()).toMatchObject({ verdict: 'intact' });
    await log.close();
  });

  test('for a request that makes no sense', async () => {
    await using log = await open();
    const prune = (request: object) => log.prune(request as never);
    await expect(prune({ to: -1, policy: WHY })).rejects.toThrow(/^to must/);
    await expect(prune({ to: 1.5, policy: WHY })).rejects.toThrow(RangeError);
    await expect(prune({ to: 1 })).rejects.toThrow(/^policy must/);
    await expect(prune({ to: 1, policy: { why: 'x'.repeat(40_000) } })).rejects.toThrow(/at most 32768/);
    return await expect(verify(log)).resolves.toMatchObject({ verdict: 'intact' });
  });

  test('where an entry was changed, for pruning is no way to be rid of the evidence', async () => {
    const log = await open({ segmentBytes: 1_000_000 });
    await fill(log, 600); // what opening looks at is the last tile
    await log.close();
    const path = join(directory, 'entries', (await names())[0]!);
    expect(path).toMatch(/jsonl$/);
    await writeFile(path, (await readFile(path, 'utf8')).replace('"n":7}', '"n":8}'));
    const again = await open();
    const to = await sealed(again, 1);
    const { size } = again.info();
    await expect(again.prune({ to, policy: WHY })).rejects.toMatchObject({
      code: 'LOG_TAMPERED',
      message: expect.stringContaining('entry-modified'),
    });
    expect(again.info().size).toBe(size);
    expect(await verify(again)).toMatchObject({ verdict: 'tampered' });
    await again.close();
  });

  test.each([
    ['lost a line', (lines: string[]) => lines.slice(0, 1)],
    ['lost all', () => []],
    ['has another', (lines: string[]) => [...lines, '{"seq":2}']],
  ])('where kept.jsonl %s since, for then what is missing would be signed away', async (_, change) => {
    const log = await open();
    await log.prune({ to: await sealed(log, 1), policy: WHY });
    const { to } = await log.prune({ to: await sealed(log, 8), policy: WHY });
    const lines = (await kept()).split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThanOrEqual(2);
    await writeFile(
      join(directory, 'kept.jsonl'),
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
    await sealed(log, 1);
    const first = (await log.segments())[0]!;
    expect(first.first).toBe(to);
    await expect(log.prune({ to: to + first.entries, policy: WHY })).rejects.toMatchObject({
      code: 'LOG_TAMPERED',
      message: expect.stringContaining('kept.jsonl'),
    });
    expect(await verify(log)).toMatchObject({ verdict: 'tampered' });
    await log.close();
  });
});
