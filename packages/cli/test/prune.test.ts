// `audit prune` and `audit archive` as child processes: what goes, what stays, who must sign, what can be checked after.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatePrivateKey, openAuditLog, signerFromPem } from '@audit/core';
import { describe, expect, test } from 'vitest';
import { audit } from './audit.ts';
import { ORIGIN, type TestLog, writeLog } from './logs.ts';

const PAST = Date.parse('2026-01-01T00:00:00Z');

/** A log of some segments, all of them old, and a policy beside it. */
async function oldLog(policy: string): Promise<TestLog & { policy: string; archive: string }> {
  const log = await writeLog(600, { segmentBytes: 30_000, clock: { now: () => PAST } });
  const archive = join(log.folder, 'archive');
  const file = join(log.folder, 'audit.yaml');
  await writeFile(file, policy.replace('ARCHIVE', archive));
  return { ...log, policy: file, archive };
}

const segments = async (directory: string) => (await readdir(join(directory, 'entries'))).length;
const verified = (directory: string, vkey: string) => audit(['verify', directory, '--key', vkey, '--json']);

test('a dry run says what would go and why, beside a running service, and changes nothing', async () => {
  const { directory, policy } = await oldLog('retention: {keep: 1d}');
  const service = await openAuditLog({ directory, onKeyCreated() {} });
  const before = await readFile(join(directory, 'commit'));
  const run = await audit(['prune', directory, '--policy', policy, '--dry-run']);
  expect(run).toMatchObject({ status: 0, stderr: '' });
  expect(run.stdout).toMatch(/would go\s+0 to \d+.*everything in it has expired/);
  expect(run.stdout).toMatch(/Would prune \d+ entries, .*Nothing was changed\.\n$/);
  expect(await readFile(join(directory, 'commit'))).toEqual(before);
  const json = await audit(['prune', directory, '--policy', policy, '--dry-run', '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ dryRun: true, pruned: { from: 0, seq: null } });
  expect(await service.verify()).toMatchObject({ verdict: 'intact' });
  await service.close();
});

test('what has expired is archived and pruned; log and archive verify, and tell of it', async () => {
  const log = await oldLog('{retention: {keep: 1d, requireArchive: true}, archive: {directory: ARCHIVE}}');
  const { directory, policy, archive, vkey, checkpoint, folder } = log;
  const run = await audit(['prune', directory, '--policy', policy, '--json']);
  expect(run).toMatchObject({ status: 0, stderr: '' });
  const { pruned, archived } = JSON.parse(run.stdout);
  expect(archived.size).toBeGreaterThanOrEqual(pruned.to);
  expect((await readdir(join(directory, 'entries'))).sort()[0]).toMatch(new RegExp(`^0*${pruned.to}[.]`));
  const report = JSON.parse((await verified(directory, vkey)).stdout);
  expect(report).toMatchObject({ verdict: 'intact' });
  expect(report.findings).toContainEqual(
    expect.objectContaining({ code: 'pruned', seq: { from: 0, to: pruned.to } }),
  );
  expect((await audit(['verify', directory, '--key', vkey])).stdout).toContain('pruned');
  expect((await audit(['info', directory])).stdout).toContain(`pruned before ${pruned.to}`);
  await writeFile(join(folder, 'before.note'), checkpoint);
  expect(
    await audit(['verify', directory, '--key', vkey, '--since', join(folder, 'before.note')]),
  ).toMatchObject({ status: 0 });
  const whole = JSON.parse((await verified(archive, vkey)).stdout);
  expect(whole).toMatchObject({
    verdict: 'intact',
    size: archived.size,
    entriesChecked: archived.size,
    findings: [],
  });
  const shown = await audit(['show', directory, String(pruned.seq), '--json']);
  expect(JSON.parse(shown.stdout)).toMatchObject({ entry: { type: 'log.prune', data: { to: pruned.to } } });
  expect(await audit(['prune', directory, '--policy', policy])).toMatchObject({ status: 0 });
  expect(await verified(directory, vkey)).toMatchObject({ status: 0 });
  expect(await verified(archive, vkey)).toMatchObject({ status: 0 });
});

test('where approvers are named nothing goes before enough of them signed the request', async () => {
  const keys = ['alice.example', 'bob.example'].map((name) => {
    const pem = generatePrivateKey('ed25519');
    return { pem, vkey: signerFromPem(name, pem).key.vkey };
  });
  const approvers = keys.map(({ vkey }) => `"${vkey}"`).join(', ');
  const { directory, policy, folder, vkey } = await oldLog(
    `retention: {keep: 1d, approvers: [${approvers}]}`,
  );
  const before = await segments(directory);
  const files = await Promise.all(
    keys.map(async ({ pem }, i) => {
      await writeFile(join(folder, `${i}.pem`), pem);
      return join(folder, `${i}.pem`);
    }),
  );
  const prune = (...more: string[]) => audit(['prune', directory, '--policy', policy, ...more]);
  const request = join(folder, 'request.note');

  const refused = await prune();
  expect(refused).toMatchObject({ status: 2 });
  expect(refused.stderr).toContain('--request FILE');
  expect(await prune('--request', request)).toMatchObject({ status: 0 });
  expect(await readFile(request, 'utf8')).toMatch(new RegExp(`^audit-prune-request/v1\n${ORIGIN}\n\\d+\n`));
  expect(await prune('--request', request)).toMatchObject({ status: 2, stderr: /exists already/ });
  expect(await prune('--approve', request, '--key', files[0]!)).toMatchObject({ status: 0 });
  expect(await prune('--approval', request)).toMatchObject({ status: 2 });
  expect(await segments(directory)).toBeGreaterThanOrEqual(before);
  const stranger = join(folder, 'stranger.pem');
  await writeFile(stranger, generatePrivateKey('ed25519'));
  expect(await prune('--approve', request, '--key', stranger)).toMatchObject({
    ...{ status: 2, stderr: /none of the approvers/ },
  });
  expect(await prune('--approve', request, '--key', files[1]!)).toMatchObject({ status: 0 });
  const done = await prune('--approval', request);
  expect(done).toMatchObject({ status: 0 });
  expect(done.stdout).toMatch(/gone\s+0 to/);
  expect(await segments(directory)).toBeLessThan(before);
  expect(await verified(directory, vkey)).toMatchObject({ status: 0 });
});

describe('what cannot be done is said', () => {
  test.each([
    [['--dry-run', '--request', 'x'], /one or the other/],
    [['--approve', 'x'], /--approve and --key go together/],
    [['--request', 'x'], /names no approvers/],
    [['--approval', 'nowhere'], /--approval: the file nowhere cannot be read/],
  ])('%j', async (more, message) => {
    const { directory, policy, vkey } = await oldLog('retention: {keep: 1d}');
    const run = await audit(['prune', directory, '--policy', policy, ...more]);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(await verified(directory, vkey)).toMatchObject({ status: 0 });
  });

  test('of a policy with a problem, of a log in use, and of one that is not there', async () => {
    const { directory, policy, folder } = await oldLog('performance: {lockTimeout: 50ms}');
    const wrong = join(folder, 'wrong.yaml');
    await writeFile(wrong, 'retention: {kep: 1d}');
    expect(await audit(['prune', directory, '--policy', wrong])).toMatchObject({
      ...{ status: 2, stderr: /did you mean keep/ },
    });
    const service = await openAuditLog({ directory, onKeyCreated() {} });
    const inUse = await audit(['prune', directory, '--policy', policy]);
    expect(inUse.status).toBe(2);
    expect(inUse.stderr).toContain(String(process.pid));
    expect(await service.verify()).toMatchObject({ verdict: 'intact' });
    await service.close();
    const nowhere = join(folder, 'nowhere');
    expect(await audit(['prune', nowhere, '--policy', policy])).toMatchObject({ status: 2 });
    await expect(stat(nowhere)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

test('audit archive copies what is finished, once, and what it made verifies', async () => {
  const { directory, archive, vkey } = await oldLog('');
  const run = await audit(['archive', directory, '--to', archive, '--key', vkey]);
  expect(run.stdout).toMatch(/^Archived [\d,]+ entries in \d+ segments, /);
  expect(await verified(archive, vkey)).toMatchObject({ status: 0 });
  expect((await audit(['archive', directory, '--to', archive])).stdout).toMatch(/^Nothing new to archive\./);
  const json = await audit(['archive', directory, '--to', archive, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ first: 0, segments: [] });
  expect(await audit(['archive', directory, '--to', directory])).toMatchObject({ status: 2 });
});
