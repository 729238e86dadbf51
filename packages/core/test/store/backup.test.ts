import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAuditLog } from '../../src/log/open.ts';
import type { AuditLog } from '../../src/log/types.ts';
import { backupLog } from '../../src/store/file/backup.ts';
import { verifyDirectory } from '../../src/store/file/verify-directory.ts';

let root: string;
let directory: string;
let backups: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-backup-'));
  directory = join(root, 'log');
  backups = join(root, 'backups');
});
afterEach(() => rm(root, { recursive: true, force: true }));

function open(at = directory, segmentBytes = 20_000): Promise<AuditLog> {
  return openAuditLog({
    ...{ directory: at, origin: 'test.example/backup', segmentBytes },
    onKeyCreated() {},
  });
}

async function fill(log: AuditLog, events: number): Promise<void> {
  await Promise.all(
    Array.from({ length: events }, (_, n) =>
      log.record({
        ...{ type: 'data.update', operation: 'set', resource: { type: 'counter', id: 'c' } },
        ...{ outcome: 'success' as const, data: { n } },
      }),
    ),
  );
}

const intactAt = (at: string, size: number) =>
  expect(verifyDirectory(at)).resolves.toMatchObject({ verdict: 'intact', size, entriesChecked: size });

test('a backup is the whole log, verifies by itself, and can be opened where its key is', async () => {
  const log = await open();
  await fill(log, 300);
  const { vkey, size } = log.info();
  const { backup, size: copied, removed } = await backupLog({ directory, backups, keys: [vkey] });
  expect({ copied, removed }).toEqual({ copied: size, removed: [] });
  await intactAt(backup, size);
  expect((await stat(backup)).mode & 0o777).toBe(0o700);
  for (const name of await readdir(join(backup, 'entries'))) {
    expect((await stat(join(backup, 'entries', name))).mode & 0o777).toBe(0o600);
  }
  await fill(log, 10);
  await log.close();
  // As after the loss of the machine: the backup, and the key from where it is kept.
  const restored = join(root, 'restored');
  await cp(backup, restored, { recursive: true });
  await mkdir(`${restored}.private`, { mode: 0o700 });
  await cp(join(`${directory}.private`, 'key.pem'), join(`${restored}.private`, 'key.pem'));
  const again = await open(restored);
  await fill(again, 1);
  expect(await again.verify()).toMatchObject({ verdict: 'intact' });
  await again.close();
  expect(await verifyDirectory(directory)).toMatchObject({ verdict: 'intact' });
  // In the place of the log itself it would forget what was acknowledged since.
  await rm(directory, { recursive: true });
  await cp(backup, directory, { recursive: true });
  await expect(open()).rejects.toMatchObject({ code: 'LOG_ROLLED_BACK' });
});

test('a log that is written, compressed and rotated meanwhile is copied as it stood at a commit', async () => {
  const log = await open(directory, 200_000);
  let writing = true;
  const writer = (async () => {
    while (writing) await fill(log, 40);
  })();
  const sizes: number[] = [];
  for (let n = 0; n < 6; n++) {
    const before = log.info().size;
    const { backup, size } = await backupLog({ directory, backups, keep: 10 });
    expect(size).toBeGreaterThanOrEqual(before);
    await intactAt(backup, size);
    sizes.push(size);
  }
  writing = false;
  await writer;
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  expect(await log.verify()).toMatchObject({ verdict: 'intact' });
  await log.close();
});

test('of a pruned log what is left is copied, and what it says of the rest', async () => {
  const log = await open();
  await fill(log, 400);
  let sealed = 0;
  while (sealed === 0) {
    await fill(log, 5);
    sealed = (await log.segments()).filter((segment) => segment.sealed).length;
  }
  await log.prune({ to: (await log.segments())[1]!.first, policy: { keep: '1d' } });
  const { backup, size } = await backupLog({ directory, backups });
  expect(await verifyDirectory(backup)).toMatchObject({
    ...{ verdict: 'intact', size },
    findings: [{ code: 'pruned' }],
  });
  await log.close();
});

test('so many stay as are to be kept, the newest ones; what is not a backup is left alone', async () => {
  const log = await open();
  await fill(log, 5);
  await mkdir(join(backups, 'notes'), { recursive: true });
  await mkdir(join(backups, '20200101T000000.000Z-0000000000000001.tmp'));
  const made: string[] = [];
  const removed: string[] = [];
  for (let day = 1; day <= 4; day++) {
    const report = await backupLog({ directory, backups, keep: 2, now: Date.UTC(2026, 0, day) });
    made.push(report.backup);
    removed.push(...report.removed);
  }
  const there = (await readdir(backups)).sort();
  expect(there.map((name) => join(backups, name))).toEqual([...made.slice(2), join(backups, 'notes')]);
  expect(removed.map((name) => join(backups, name))).toEqual(made.slice(0, 2));
  await log.close();
  await intactAt(directory, 7);
});

test('a log that is not intact makes no backup, and takes none away', async () => {
  const log = await open();
  await fill(log, 20);
  const { backup } = await backupLog({ directory, backups, keep: 1, now: Date.UTC(2026, 0, 1) });
  await log.close();
  const [name] = await readdir(join(directory, 'entries'));
  const text = await readFile(join(directory, 'entries', name!), 'utf8');
  await writeFile(join(directory, 'entries', name!), text.replace('"n":7', '"n":8'));
  await expect(backupLog({ directory, backups, keep: 1, now: Date.UTC(2026, 0, 2) })).rejects.toMatchObject({
    code: 'BACKUP_INVALID',
    message: expect.stringContaining('entry-modified'),
  });
  expect((await readdir(backups)).map((each) => join(backups, each))).toEqual([backup]);
  expect(await verifyDirectory(backup)).toMatchObject({ verdict: 'intact' });
});

test('what cannot be is refused before anything is written', async () => {
  const log = await open();
  await fill(log, 1);
  await log.close();
  await expect(backupLog({ directory, backups: join(directory, 'backups') })).rejects.toMatchObject({
    code: 'BACKUP_INVALID',
  });
  await expect(backupLog({ directory, backups, keep: 0 })).rejects.toThrow(RangeError);
  await expect(backupLog({ directory: join(root, 'none'), backups })).rejects.toMatchObject({
    code: 'LOG_MISSING',
  });
  await expect(readdir(join(directory, 'backups'))).rejects.toMatchObject({ code: 'ENOENT' });
});
