// `audit verify`: exit statuses, the JSON of each, and what the report says to people.
import { randomBytes } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuditLog, hmacSigner, openAuditLog, type VerifyReport } from '@audit/core';
import { describe, expect, it } from 'vitest';
import { audit, type Result } from './audit.ts';
import { changeLines, copyLog, event, ORIGIN, testFolder, writeLog } from './logs.ts';

const FOREIGN_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';

/** One object on stdout, nothing on stderr, and exactly the documented shape. */
function reportOf({ stdout, stderr }: Result): VerifyReport {
  expect(stderr).toBe('');
  const report = JSON.parse(stdout) as VerifyReport;
  expect(Object.keys(report)).toEqual([
    'verdict',
    'size',
    'entriesChecked',
    'firstBadSeq',
    'findings',
    'keys',
    'checkpoint',
  ]);
  for (const finding of report.findings) {
    expect(finding).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    expect(finding).toHaveProperty('seq');
  }
  return report;
}

describe('audit verify --json', () => {
  it('answers 0 and intact for a log as it was written', async () => {
    const log = await writeLog(20);
    const result = await audit(['verify', log.directory, '--key', log.vkey, '--json']);
    expect(result.status).toBe(0);
    expect(reportOf(result)).toMatchObject({
      verdict: 'intact',
      size: log.size,
      entriesChecked: log.size,
      firstBadSeq: null,
      findings: [],
      keys: [{ name: ORIGIN, type: 'ed25519', pinned: true }],
      checkpoint: { origin: ORIGIN, size: log.size, note: log.checkpoint },
    });
  });

  it('answers 1 and names the entry that was changed', async () => {
    const log = await writeLog(20);
    await changeLines(log.directory, (lines) =>
      lines.map((line, seq) => (seq === 7 ? line.replace('success', 'failure') : line)),
    );
    const result = await audit(['verify', log.directory, '--json']);
    expect(result.status).toBe(1);
    const report = reportOf(result);
    expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: 7 });
    expect(report.findings).toContainEqual(expect.objectContaining({ code: 'entry-modified', seq: 7 }));
    expect(report.keys[0]).toMatchObject({ pinned: false });
  });

  it('answers 2 where there is no such directory', async () => {
    const folder = await testFolder();
    const result = await audit(['verify', join(folder, 'nothing'), '--json']);
    expect(result.status).toBe(2);
    const report = reportOf(result);
    expect(report).toMatchObject({ verdict: 'unverifiable', entriesChecked: 0, checkpoint: null });
    expect(report.findings[0]?.message).toContain(join(folder, 'nothing'));
  });

  it('answers 2 where the directory holds no log', async () => {
    const folder = await testFolder();
    const result = await audit(['verify', folder, '--json']);
    expect(result.status).toBe(2);
    expect(reportOf(result)).toMatchObject({
      verdict: 'unverifiable',
      findings: [{ code: 'checkpoint-missing' }],
    });
  });

  it('answers 2 where no key given signed the log', async () => {
    const log = await writeLog(3);
    const result = await audit(['verify', log.directory, '--key', FOREIGN_KEY, '--json']);
    expect(result.status).toBe(2);
    const report = reportOf(result);
    expect(report.verdict).toBe('unverifiable');
    expect(report.findings.map(({ code }) => code)).toContain('key-unknown');
  });

  it('answers 2 where a pinned key is required and none is given, 0 where one is', async () => {
    const log = await writeLog(3);
    const without = await audit(['verify', log.directory, '--require-pinned', '--json']);
    expect(without.status).toBe(2);
    expect(reportOf(without).findings.map(({ code }) => code)).toContain('key-unknown');
    const pinned = ['--require-pinned', '--key', log.vkey];
    expect((await audit(['verify', log.directory, '--json', ...pinned])).status).toBe(0);
  });

  it.each([
    ['a wrong option', ['--nothing']],
    ['a key that is none', ['--key', 'no-such-file']],
    ['a checkpoint that is none', ['--since', '{"checkpoint":"no note"}']],
    ['a number that is none', ['--from', '-1']],
    ['a date that is none', ['--from', '2026-02-30']],
    ['a part without entries', ['--from', '4', '--to', '4']],
  ])('answers 2 in JSON to %s', async (_, options) => {
    const log = await writeLog(3);
    const result = await audit(['verify', log.directory, '--json', ...options]);
    expect(result.status).toBe(2);
    expect(reportOf(result)).toMatchObject({ verdict: 'unverifiable', entriesChecked: 0 });
  });

  it('answers 2 in JSON where the directory is left out', async () => {
    const result = await audit(['verify', '--json']);
    expect(result.status).toBe(2);
    expect(reportOf(result).findings[0]?.message).toContain("missing required argument 'dir'");
  });
});

describe('audit verify --key', () => {
  it('takes a file of keys', async () => {
    const log = await writeLog(3);
    const keys = join(log.folder, 'keys');
    await writeFile(keys, `# of the shop\n${FOREIGN_KEY}\n\n${log.vkey}\n`);
    const result = await audit(['verify', log.directory, '--key', keys, '--json']);
    expect(result.status).toBe(0);
    expect(reportOf(result).keys).toContainEqual(expect.objectContaining({ name: ORIGIN, pinned: true }));
  });

  it('leaves an HMAC log unchecked until --secret is given, and says what that proves', async () => {
    const folder = await testFolder();
    const secret = randomBytes(32);
    const log = await writeLog(3, { signer: hmacSigner(ORIGIN, secret) });
    const without = await audit(['verify', log.directory, '--key', log.vkey]);
    expect(without.status).toBe(2);
    const file = join(folder, 'secret');
    await writeFile(file, secret);
    const { status, stdout } = await audit(['verify', log.directory, '--secret', file]);
    expect(status).toBe(0);
    expect(stdout).toContain('proves nothing to a third party');
    await writeFile(file, randomBytes(32));
    expect((await audit(['verify', log.directory, '--secret', file])).status).toBe(2);
  });

  it('refuses a private key and says what to do', async () => {
    const log = await writeLog(3);
    const { status, stderr } = await audit([
      'verify',
      log.directory,
      '--key',
      `${log.directory}.private/key.pem`,
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('audit key show');
  });
});

describe('audit verify --since', () => {
  /** A log, what it was at half of its length, and its state at the end. */
  async function twoStates() {
    const folder = await testFolder();
    const directory = join(folder, 'audit-log');
    const open = (): Promise<AuditLog> => openAuditLog({ directory, origin: ORIGIN, onKeyCreated() {} });
    let log = await open();
    await log.record(event(1));
    await log.close();
    const old = join(folder, 'old');
    await cp(directory, old, { recursive: true });
    log = await open();
    const receipt = await log.record(event(2));
    await log.close();
    return { folder, directory, old, receipt, checkpoint: log.info().checkpoint!, vkey: log.info().vkey };
  }

  it('finds a log put back to an older state, which the key alone cannot', async () => {
    const { old, checkpoint, receipt, folder, vkey } = await twoStates();
    expect((await audit(['verify', old, '--key', vkey])).status).toBe(0);
    const file = join(folder, 'kept');
    await writeFile(file, checkpoint);
    for (const since of [file, checkpoint, JSON.stringify(receipt)]) {
      const result = await audit(['verify', old, '--key', vkey, '--since', since, '--json']);
      expect(result.status).toBe(1);
      expect(reportOf(result).findings.map(({ code }) => code)).toContain('rolled-back');
    }
  });

  it('passes a log that went on from the checkpoint, and says what that covers', async () => {
    const { directory, old } = await twoStates();
    const { status, stdout } = await audit(['verify', directory, '--since', join(old, 'checkpoint')]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/--since covers the first \d+ entries/);
  });

  it('finds the older state by the high-water mark alone', async () => {
    const { directory, old } = await twoStates();
    await rm(directory, { recursive: true });
    await cp(old, directory, { recursive: true });
    const result = await audit(['verify', directory, '--json']);
    expect(result.status).toBe(1);
    expect(reportOf(result).findings.map(({ code }) => code)).toContain('rolled-back');
  });
});

describe('audit verify --from --to', () => {
  it('reads the part asked for and says so', async () => {
    const log = await writeLog(40);
    const result = await audit(['verify', log.directory, '--from', '10', '--to', '20', '--json']);
    expect(result.status).toBe(0);
    expect(reportOf(result)).toMatchObject({ size: log.size, entriesChecked: 10 });
    const { stdout } = await audit(['verify', log.directory, '--from', '10', '--to', '20']);
    expect(stdout).toContain(`entries 10 to 19 of ${log.size}`);
    expect(stdout).toContain('only the stored hashes');
  });

  it('looks times up, and takes in one more entry on either side', async () => {
    let now = Date.parse('2026-11-01T00:00:00Z');
    const clock = { now: () => now };
    const folder = await testFolder();
    const directory = join(folder, 'audit-log');
    const log = await openAuditLog({ directory, origin: ORIGIN, clock, onKeyCreated() {} });
    const seqs: number[] = [];
    for (let n = 0; n < 10; n++) {
      now += 30_000;
      seqs.push((await log.record(event(n))).seq);
    }
    await log.close();
    const times = ['--from', '2026-11-01T00:01:30Z', '--to', '2026-11-01T01:03:00+01:00'];
    const { stdout, status } = await audit(['verify', directory, ...times]);
    expect(status).toBe(0);
    // 00:01:30 is event 2, 00:03:00 is event 5: wanted are 2 to 4, and one more on either side.
    expect(stdout).toContain(`entries ${seqs[1]} to ${seqs[5]}`);
    const later = await audit(['verify', directory, '--from', '2026-11-02', '--json']);
    expect(later.status).toBe(0);
    expect(reportOf(later).entriesChecked).toBe(1);
  });

  it('finds an entry whose time was changed to be left out of the part', async () => {
    const log = await writeLog(20);
    const lines = (await readFile(join(log.directory, 'entries', '0000000000000000.jsonl'), 'utf8')).split(
      '\n',
    );
    const time = (JSON.parse(lines[10]!) as { time: string }).time;
    await changeLines(log.directory, (all) =>
      all.map((line, seq) => (seq >= 10 && seq < 15 ? line.replace(/"time":"20\d\d/, '"time":"2999') : line)),
    );
    const { status } = await audit(['verify', log.directory, '--from', time, '--to', '2990-01-01']);
    expect(status).toBe(1);
  });
});

describe('the report of audit verify', () => {
  it('says verdict, counts, key, checkpoint, time, and what it cannot say', async () => {
    const log = await writeLog(20);
    const { status, stdout, stderr } = await audit(['verify', log.directory]);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      new RegExp(`^INTACT  ${ORIGIN}, at ${log.size} entries as of \\d{4}-\\d\\d-\\d\\dT`),
    );
    expect(stdout).toContain(`${log.size} of ${log.size} entries`);
    expect(stdout).toContain('taken from the log itself: proves consistency, not origin');
    expect(stdout).toContain(log.checkpoint.split('\n')[2]);
    expect(stdout).toContain('What this cannot say');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('Only something kept outside this machine');
    const pinned = await audit(['verify', log.directory, '--key', log.vkey]);
    expect(pinned.stdout).toContain('(ed25519), pinned');
    expect(pinned.stdout).not.toContain('Whose log this is');
  });

  it('names each finding with its entry', async () => {
    const log = await writeLog(20);
    const copy = await copyLog(log, 'copy');
    await changeLines(copy, (lines) => lines.filter((_, seq) => seq !== 5));
    const { status, stdout } = await audit(['verify', copy, '--key', log.vkey]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^TAMPERED {2}shop.example\/audit, first at entry 5\n/);
    expect(stdout).toMatch(/\n {2}entry-missing {2}entry 5/);
    expect(stdout).not.toContain('What this cannot say');
  });

  it('says on stderr what could not be checked, in one sentence', async () => {
    const folder = await testFolder();
    const { status, stdout, stderr } = await audit(['verify', join(folder, 'nothing')]);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^audit: There is no log at .*\n$/);
  });

  it('says that only hashes were looked at', async () => {
    const log = await writeLog(5);
    const { status, stdout } = await audit(['verify', log.directory, '--hashes-only']);
    expect(status).toBe(0);
    expect(stdout).toContain('hashes only');
  });
});
