// `audit doctor`: each thing that can be wrong, on a real log, and that nothing is written.
import { appendFile, chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openAuditLog } from '@audit/core';
import { describe, expect, it } from 'vitest';
import { audit } from './audit.ts';
import { changeLines, copyLog, event, ORIGIN, testFolder, writeLog } from './logs.ts';

interface Answer {
  readonly status: string;
  readonly checks: readonly { name: string; status: string; message: string; remedy?: string }[];
  readonly report: { readonly verdict: string };
}

async function examine(directory: string, ...more: string[]): Promise<{ exit: number | null } & Answer> {
  const { status: exit, stdout, stderr } = await audit(['doctor', directory, '--json', ...more]);
  expect(stderr).toBe('');
  return { exit, ...(JSON.parse(stdout) as Answer) };
}

const isRoot = process.getuid?.() === 0;

describe('audit doctor', () => {
  it('finds nothing wrong with a log as it was written', async () => {
    const log = await writeLog(5);
    const { exit, status, checks, report } = await examine(log.directory);
    expect(checks.filter((check) => check.status !== 'ok' && check.name !== 'disk space')).toEqual([]);
    expect({ exit, status, verdict: report.verdict }).toEqual({ exit: 0, status: 'ok', verdict: 'intact' });
    expect(checks.map(({ name }) => name)).toContain('verification');
  });

  it('names the process that writes, alive or gone', async () => {
    const folder = await testFolder();
    const directory = join(folder, 'log');
    const log = await openAuditLog({ directory, origin: ORIGIN, onKeyCreated() {} });
    await log.record(event(1));
    const writer = (answer: Answer) => answer.checks.find(({ name }) => name === 'writer')?.message;
    expect(writer(await examine(directory))).toContain(`Being written by pid ${process.pid}`);
    await log.close();
    const lock = JSON.parse(await readFile(join(directory, 'lock'), 'utf8')) as Record<string, unknown>;
    // Above the largest pid of Linux, so nobody's.
    await writeFile(join(directory, 'lock'), JSON.stringify({ ...lock, pid: 2 ** 22 + 1 }));
    expect(writer(await examine(directory))).toContain('which is gone');
  });

  it('answers 1 to a log that was tampered with, and says not to touch it', async () => {
    const log = await writeLog(5);
    await changeLines(log.directory, (lines) => lines.map((line) => line.replace('Ada', 'Eve')));
    const { status, stdout } = await audit(['doctor', log.directory]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/bad +verification +The log was tampered with: entry-modified/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('Keep the directory as it is');
  });

  it('finds a private side that others can read', async () => {
    const log = await writeLog(2);
    await chmod(`${log.directory}.private/key.pem`, 0o644);
    await chmod(log.directory, 0o777);
    const { exit, checks } = await examine(log.directory);
    expect(exit).toBe(0);
    const found = checks.filter(({ status }) => status === 'warn');
    expect(found.find(({ name }) => name === 'private side')?.remedy).toContain('chmod 600');
    expect(found.find(({ name }) => name === 'permissions')?.remedy).toContain('chmod 700');
  });

  it('finds a signing key that is missing and one that is another log’s', async () => {
    const log = await writeLog(2);
    const other = await writeLog(1);
    const key = join(`${log.directory}.private`, 'key.pem');
    await writeFile(key, await readFile(`${other.directory}.private/key.pem`));
    const wrong = await examine(log.directory);
    expect(wrong.exit).toBe(2);
    expect(wrong.checks.find(({ name }) => name === 'signing key')).toMatchObject({ status: 'bad' });
    await rm(key);
    const missing = await examine(log.directory);
    expect(missing.exit).toBe(0);
    expect(missing.checks.find(({ name }) => name === 'signing key')).toMatchObject({ status: 'warn' });
  });

  it('finds a missing high-water mark, and an older state behind the one that is there', async () => {
    const log = await writeLog(2);
    const copy = await copyLog(log, 'copy');
    const alone = await examine(copy);
    expect(alone.checks.find(({ name }) => name === 'high-water')).toMatchObject({ status: 'warn' });
    const again = await openAuditLog({ directory: log.directory, onKeyCreated() {} });
    await again.record(event(9));
    await again.close();
    const old = await examine(copy, '--state-directory', `${log.directory}.private`);
    expect(old.exit).toBe(1);
  });

  it('finds damaged slots, stray files and quarantine', async () => {
    const log = await writeLog(2);
    await appendFile(join(log.directory, 'note to self'), 'x');
    await writeFile(join(log.directory, 'entries', 'core.1234'), 'x');
    await writeFile(join(log.directory, 'quarantine', '5-ab'), 'x');
    const commit = await readFile(join(log.directory, 'commit'));
    const slot = commit.indexOf('audit-commit-v1') === 0 ? 0 : 16_384;
    commit[slot + 40]! ^= 1;
    await writeFile(join(log.directory, 'commit'), commit);
    const { checks } = await examine(log.directory);
    const warned = Object.fromEntries(checks.map(({ name, message }) => [name, message]));
    expect(warned.files).toContain('note to self');
    expect(warned.files).toContain('core.1234');
    expect(warned.quarantine).toContain('1 file');
    expect(warned['commit slots']).toContain('is damaged');
  });

  it('examines a log whose commit and checkpoints are gone', async () => {
    const log = await writeLog(2);
    for (const file of ['commit', 'checkpoint', 'checkpoints']) await rm(join(log.directory, file));
    const { exit, checks } = await examine(log.directory);
    expect(exit).not.toBe(0);
    expect(checks.find(({ name }) => name === 'commit slots')).toMatchObject({ status: 'bad' });
    expect(checks.find(({ name }) => name === 'verification')).toMatchObject({ status: 'bad' });
  });

  it('answers 2 where there is no log', async () => {
    const folder = await testFolder();
    expect((await audit(['doctor', folder])).status).toBe(2);
    const { status, stdout } = await audit(['doctor', join(folder, 'nothing'), '--json']);
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toHaveProperty('error');
  });

  it('writes nothing', async () => {
    const log = await writeLog(5);
    const before = await times(log.folder);
    await examine(log.directory);
    expect(await times(log.folder)).toEqual(before);
  });

  it.skipIf(isRoot)('says what it may not read', async () => {
    const log = await writeLog(2);
    await chmod(`${log.directory}.private/key.pem`, 0o000);
    const { checks } = await examine(log.directory);
    expect(checks.find(({ name }) => name === 'signing key')?.message).toContain('permission is denied');
  });
});

async function times(folder: string): Promise<Record<string, number>> {
  const names = await readdir(folder, { recursive: true });
  const found = names.map(async (name) => [name, (await stat(join(folder, name))).mtimeMs] as const);
  return Object.fromEntries(await Promise.all(found));
}
