// `audit privacy lookup`: what was replaced by an HMAC is found by whoever has the key and the value.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { audit } from './audit.ts';
import { event, testFolder, writeLog } from './logs.ts';

const key = Buffer.alloc(32, 7);
const value = ['hunter', '2 & co!'].join('');

async function logWithSecrets() {
  const file = join(await testFolder(), 'hmac.key');
  await writeFile(file, key);
  const log = await writeLog(6, { privacy: { way: 'hmac', hmacKey: key } }, (n) => {
    if (n === 2) return event(n, { data: { login: { password: value } } });
    if (n === 4) return event(n, { data: { url: `/x?token=${encodeURIComponent(value)}` } });
    return n === 5 ? event(n, { data: { password: 'another' } }) : event(n);
  });
  return { file, log };
}

it('finds a value given on standard input, whole and percent-encoded', async () => {
  const { file, log } = await logWithSecrets();
  const args = ['privacy', 'lookup', log.directory, '--hmac-key-file', file];
  const { status, stdout, stderr } = await audit([...args, '--json'], { input: `${value}\n` });
  expect(status, stderr).toBe(0);
  const found = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: number; pointer: string });
  expect(found.map(({ pointer }) => pointer)).toEqual(['/data/login/password', '/data/url']);
  for (const { seq } of found) {
    const shown = await audit(['show', log.directory, String(seq), '--raw']);
    expect(shown.stdout).toContain('hmac:');
    expect(shown.stdout).not.toContain('hunter');
  }
  expect(stdout + stderr).not.toContain('hunter');
  expect((await audit([...args, value])).stdout.split('\n')[0]).toMatch(
    /^\d+\t\S+\t\/data\/login\/password$/,
  );
  expect((await audit(['verify', log.directory])).status).toBe(0);
});

it('finds nothing for another value or by another key', async () => {
  const { file, log } = await logWithSecrets();
  const other = join(log.folder, 'other.key');
  await writeFile(other, Buffer.alloc(32, 8));
  for (const [used, input] of [
    [file, 'hunter3'],
    [other, value],
  ] as const) {
    const args = ['privacy', 'lookup', log.directory, '--hmac-key-file', used];
    expect(await audit(args, { input })).toMatchObject({ status: 0, stdout: '' });
  }
});

it('says what is missing: a value, a key that is long enough', async () => {
  const { file, log } = await logWithSecrets();
  const lookup = (used: string, input: string) =>
    audit(['privacy', 'lookup', log.directory, '--hmac-key-file', used], { input });
  expect(await lookup(file, '\n')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('There is no value'),
  });
  const short = join(log.folder, 'short.key');
  await writeFile(short, 'short');
  expect(await lookup(short, value)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('5 bytes are too few'),
  });
});
