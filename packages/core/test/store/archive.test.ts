import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openAuditLog } from '../../src/log/open.ts';
import type { AuditLog, Receipt } from '../../src/log/types.ts';
import { nodeSignatures } from '../../src/note/node-primitives.ts';
import { parseVerifierKey } from '../../src/note/verifier-key.ts';
import { archiveLog, archiveOn } from '../../src/store/file/archive.ts';
import type { ArchiveOptions } from '../../src/store/file/archive-options.ts';
import { openFileStore } from '../../src/store/file/open.ts';
import { verifyDirectory } from '../../src/store/file/verify-directory.ts';
import { ModelDisk, seededDice } from './model-disk.ts';
import { TestWriter } from './writer.ts';

let root: string;
let directory: string;
let archive: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-archive-'));
  directory = join(root, 'log');
  archive = join(root, 'archive');
});
afterEach(() => rm(root, { recursive: true, force: true }));

function open(at = directory): Promise<AuditLog> {
  return openAuditLog({
    ...{ directory: at, origin: 'test.example/archive', segmentBytes: 20_000 },
    onKeyCreated() {},
  });
}

/** Records until `least` segments are sealed; returns where the last of these ends. */
async function sealed(log: AuditLog, least: number, receipts: Receipt[] = []): Promise<number> {
  for (;;) {
    const ends = (await log.segments()).filter((one) => one.sealed).map((one) => one.first + one.entries);
    if (ends.length >= least) return ends[least - 1]!;
    const events = Array.from({ length: 20 }, (_, n) => ({
      ...{ type: 'data.update', operation: 'set', resource: { type: 'counter', id: 'c' } },
      ...{ outcome: 'success' as const, data: { n } },
    }));
    receipts.push(...(await Promise.all(events.map((event) => log.record(event)))));
  }
}

async function verify(log: AuditLog, at = archive, since: string[] = []) {
  const keys = [parseVerifierKey(log.info().vkey, nodeSignatures)];
  return verifyDirectory(at, { keys, since, requirePinned: true });
}

const files = async (folder: string) => (await readdir(join(folder, 'entries'))).sort();
const run = (more: Partial<ArchiveOptions> = {}) => archiveLog({ directory, archive, ...more });

test('an archive is a log that verifies, and has the whole history once the log is pruned', async () => {
  const log = await open();
  const receipts: Receipt[] = [];
  await sealed(log, 3, receipts);
  const report = await run({ keys: [log.info().vkey] });
  expect(report).toMatchObject({ archive, first: 0, from: 0 });
  expect(report.segments.length).toBeGreaterThanOrEqual(3);
  expect(await files(archive)).toEqual(report.segments);
  const known = receipts.filter(({ seq }) => seq < report.size);
  expect(await verify(log, archive, [JSON.stringify(known.at(-1))])).toMatchObject({
    ...{ verdict: 'intact', size: report.size, entriesChecked: report.size, findings: [] },
  });

  const { to } = await log.prune({ to: report.size, policy: { archive } });
  expect(to).toBe(report.size);
  await sealed(log, 3, receipts);
  const next = await run();
  expect(next).toMatchObject({ first: 0, from: report.size });
  expect(await verify(log, archive, [JSON.stringify(known[0])])).toMatchObject({
    ...{ verdict: 'intact', size: next.size, entriesChecked: next.size, findings: [] },
  });
  expect(await verify(log, directory)).toMatchObject({ verdict: 'intact' });
  await log.close();
});

test('what is archived is not archived again', async () => {
  const log = await open();
  expect(await run()).toMatchObject({ first: 0, size: 0, from: 0, segments: [], bytes: 0 });
  await sealed(log, 2);
  const { size } = await run();
  expect(await run()).toMatchObject({ first: 0, size, from: size, segments: [], bytes: 0 });
  expect(await verify(log)).toMatchObject({ verdict: 'intact', size });
  await log.close();
});

test('without compression the lines lie there as they were signed', async () => {
  const log = await open();
  await sealed(log, 1);
  const { segments } = await run({ compression: 'none' });
  expect(segments[0]).toBe('0000000000000000.jsonl');
  await sealed(log, segments.length + 1);
  await run();
  expect((await files(archive)).some((name) => name.endsWith('.gz'))).toBe(true);
  expect(await readFile(join(archive, 'entries', segments[0]!), 'utf8')).toMatch(/^\{.*"type":"log.create"/);
  expect(await verify(log)).toMatchObject({ verdict: 'intact', findings: [] });
  await log.close();
});

test('an archive begun after a prune has what the log had, and what was kept', async () => {
  const log = await open();
  const to = await sealed(log, 1);
  await log.prune({ to, policy: {} });
  await sealed(log, 8);
  const report = await run();
  expect(report).toMatchObject({ first: to, from: to });
  expect(await verify(log)).toMatchObject({
    ...{ verdict: 'intact', findings: [{ code: 'pruned' }], entriesChecked: report.size - to },
  });
  await log.close();
});

describe('nothing is archived', () => {
  test('into the archive of another log', async () => {
    const other = await open(join(root, 'other'));
    await sealed(other, 1);
    await archiveLog({ directory: join(root, 'other'), archive });
    const log = await open();
    await sealed(log, 1);
    await expect(run()).rejects.toMatchObject({ code: 'ARCHIVE_INVALID', message: /another log/ });
    expect(await verify(other)).toMatchObject({ verdict: 'intact' });
    expect(await verify(log, directory)).toMatchObject({ verdict: 'intact' });
    await Promise.all([log.close(), other.close()]);
  });

  test('over a hole', async () => {
    const log = await open();
    await sealed(log, 1);
    await run();
    await sealed(log, 8);
    await log.prune({ to: Number.MAX_SAFE_INTEGER, policy: {} });
    await sealed(log, 1);
    await expect(run()).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      message: /pruned without being archived/,
    });
    expect(await verify(log)).toMatchObject({ verdict: 'intact' });
    await log.close();
  });

  test('into the log itself, nor where there is no folder', async () => {
    const log = await open();
    await sealed(log, 1);
    await expect(run({ archive: directory })).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
    await expect(run({ archive: join(root, 'no', 'such') })).rejects.toMatchObject({ code: 'STORE_IO' });
    expect(await verify(log, directory)).toMatchObject({ verdict: 'intact' });
    await log.close();
  });

  test.each([
    ['a segment', 'entries/0000000000000000.jsonl.gz', /does not hold entries 0/],
    ['the tree', 'tree/0', /tree-mismatch/],
  ])('of a log in which %s was changed', async (_, name, message) => {
    const log = await open();
    await sealed(log, 2);
    const path = join(directory, name);
    const bytes = await readFile(path);
    const genuine = Buffer.from(bytes);
    bytes[200]! ^= 1;
    await writeFile(path, bytes);
    await expect(run()).rejects.toMatchObject({ message: expect.stringMatching(message) });
    await writeFile(path, genuine);
    await run();
    expect(await verify(log)).toMatchObject({ verdict: 'intact', findings: [] });
    await log.close();
  });
});

test('a copy that is there and wrong is made anew, and one that is right is kept', async () => {
  const log = await open();
  await sealed(log, 2);
  await run();
  const names = await files(archive);
  await rm(join(archive, 'checkpoint'));
  const path = join(archive, 'entries', names[0]!);
  const bytes = await readFile(path);
  bytes[bytes.length - 20]! ^= 1;
  await writeFile(path, bytes);
  expect((await run()).segments).toEqual(names);
  expect(await verify(log)).toMatchObject({ verdict: 'intact', findings: [] });
  const copy = join(root, 'copy');
  await cp(archive, copy, { recursive: true });
  expect(await verify(log, copy)).toMatchObject({ verdict: 'intact', findings: [] });
  await log.close();
});

describe('a power cut before every operation of archiving', () => {
  test.each([
    ['nothing unsynced survives', () => () => 0],
    ['everything survives', () => () => 0.99],
    ['some of it survives', seededDice],
  ] as const)(
    'leaves an archive that verifies, and can be gone on with, where %s',
    async (_, diceOf) => {
      const disk = new ModelDisk();
      const [from, to] = ['/model/log', '/model/archive'];
      const openOn = (on: ModelDisk) =>
        openFileStore({
          ...{ directory: from, origin: 'test.example/archive', disk: on, onKeyCreated: () => {} },
          tryLock: async () => async () => {},
        });
      const store = await openOn(disk);
      const writer = await TestWriter.over(store, store.signer);
      const key = store.signer.key;
      const write = async (segments: number) => {
        for (let i = 0; i < segments; i++) {
          const startsSegment = writer.size > 0;
          const first = { type: startsSegment ? 'log.rotate' : 'log.create' };
          await writer.append([first, ...Array.from({ length: 300 }, () => ({}))], { startsSegment });
          await writer.append([{}]);
        }
        while ((await store.segments()).some(({ name, sealed }) => sealed && !name.endsWith('.gz'))) {
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      };
      const options = { directory: from, archive: to };
      await write(3);
      let first = 0;
      let crashes = 0;
      const crash = async () => {
        const lost = disk.crashed(diceOf(++crashes));
        if (first > 0) {
          const report = await verifyFiles(lost, to, key);
          expect(report.verdict, JSON.stringify(report.findings)).toBe('intact');
          expect(report.size).toBeGreaterThanOrEqual(first);
        }
        await (await openOn(lost)).close(); // puts right what the log itself lost
        const { size } = await archiveOn(lost, options);
        const report = await verifyFiles(lost, to, key);
        expect(report).toMatchObject({ verdict: 'intact', size, findings: [] });
      };
      const archived = async () => {
        let turn = Promise.resolve();
        disk.before = ({ name, path }) => {
          if (!path.startsWith(to) || /^(open|read|list|size)$/.test(name)) return;
          turn = turn.then(crash);
          return turn;
        };
        const report = await archiveOn(disk, options);
        disk.before = () => {};
        await turn;
        return report;
      };
      first = (await archived()).size;
      await write(2);
      expect((await archived()).size).toBeGreaterThan(first);
      expect(crashes).toBeGreaterThan(40);
      expect(await verifyFiles(disk, to, key)).toMatchObject({ verdict: 'intact', findings: [] });
      expect(await verifyFiles(disk, from, key)).toMatchObject({ verdict: 'intact' });
      await store.close();
    },
    600_000,
  );

  async function verifyFiles(disk: ModelDisk, at: string, key: ReturnType<typeof parseVerifierKey>) {
    const folder = await mkdtemp(join(root, 'files-'));
    for (const [path, bytes] of disk.files()) {
      if (!path.startsWith(`${at}/`)) continue;
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    return verifyDirectory(join(folder, at), { keys: [key] });
  }
});
