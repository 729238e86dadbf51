// `audit key`: private keys are made once and shown never; verifier keys are what signs.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openAuditLog } from '@audit/core';
import { describe, expect, it } from 'vitest';
import { audit } from './audit.ts';
import { event, ORIGIN, testFolder, writeLog } from './logs.ts';

describe('audit key generate', () => {
  it.each(['ed25519', 'ecdsa-p256'])(
    'makes an %s key that signs a log its verifier key verifies',
    async (type) => {
      const folder = await testFolder();
      const out = join(folder, 'key.pem');
      const made = await audit(['key', 'generate', '--type', type, '--out', out, '--name', ORIGIN]);
      expect(made.status).toBe(0);
      expect(made.stdout).toMatch(/^shop\.example\/audit\+[0-9a-f]{8}\+\S+\n$/);
      if (process.platform !== 'win32') expect((await stat(out)).mode & 0o777).toBe(0o600);
      expect(made.stdout + made.stderr).not.toContain('PRIVATE KEY');

      const directory = join(folder, 'log');
      const log = await openAuditLog({ directory, origin: ORIGIN, keyFile: out });
      await log.record(event(1));
      await log.close();
      const verified = await audit(['verify', directory, '--require-pinned', '--key', made.stdout.trim()]);
      expect(verified.status).toBe(0);
    },
  );

  it('never overwrites a file', async () => {
    const folder = await testFolder();
    const out = join(folder, 'key.pem');
    await writeFile(out, 'precious');
    const { status, stderr } = await audit(['key', 'generate', '--out', out]);
    expect(status).toBe(2);
    expect(stderr).toContain('it exists already');
    expect(await readFile(out, 'utf8')).toBe('precious');
  });

  it('leaves no file behind for a name that cannot be an origin', async () => {
    const folder = await testFolder();
    const out = join(folder, 'key.pem');
    expect((await audit(['key', 'generate', '--out', out, '--name', 'two words'])).status).toBe(2);
    await expect(stat(out)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('audit key show', () => {
  it('prints the verifier key of a private key and of a log', async () => {
    const log = await writeLog(1);
    const pem = `${log.directory}.private/key.pem`;
    expect((await audit(['key', 'show', pem, '--name', ORIGIN])).stdout).toBe(`${log.vkey}\n`);
    expect((await audit(['key', 'show', log.directory])).stdout).toBe(`${log.vkey}\n`);
  });

  it('asks for the name a private key does not hold', async () => {
    const log = await writeLog(1);
    const { status, stderr } = await audit(['key', 'show', `${log.directory}.private/key.pem`]);
    expect(status).toBe(2);
    expect(stderr).toContain('--name is missing');
  });
});
