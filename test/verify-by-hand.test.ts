// docs/verify-by-hand.md: its commands, run as they stand there, on a real log and on tampered copies.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuditLog } from '@audit/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ran, root, run } from './support/repository.ts';

/** The document's bash blocks, one after another: what a reader would paste. */
const script = [
  ...readFileSync(join(root, 'docs/verify-by-hand.md'), 'utf8').matchAll(/^```bash\n(.*?)^```/gms),
]
  .map((block) => block[1])
  .join('\n');

/** Without these the document is of no use on this machine, and the tests are skipped, counted by `npm test`. */
const missing = ['bash', 'sha256sum', 'gzip', 'openssl'].filter(
  (name) => spawnSync(name, ['--help']).error !== undefined,
);

describe.skipIf(missing.length > 0)('the commands of verify-by-hand.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-by-hand-'));
  const directory = join(folder, 'log');
  let vkey: string;

  beforeAll(async () => {
    // Twice, so that the log has both a sealed segment and an active one.
    for (let run = 0; run < 2; run++) {
      const log = await openAuditLog({
        directory,
        origin: 'hand.example/log',
        segmentBytes: 4_096,
        onKeyCreated: () => {},
      });
      for (let index = 0; index < 12; index++) {
        const resource = { type: 'note', id: `n${index}` };
        await log.record({ type: 'data.create', operation: 'write ünïcode', resource, outcome: 'success' });
      }
      vkey = log.info().vkey;
      await log.close();
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function check(log: string, key = vkey): Promise<Ran> {
    return run('bash', ['-c', script], { env: { ...process.env, LOG: log, VKEY: key } });
  }

  /** A copy in which the newest segment's lines are changed. */
  function tampered(name: string, change: (text: string) => string): string {
    const copy = join(folder, name);
    cpSync(directory, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    const active = readdirSync(join(copy, 'entries')).filter((file) => file.endsWith('.jsonl'));
    const segment = join(copy, 'entries', active.sort().at(-1)!);
    writeFileSync(segment, change(readFileSync(segment, 'utf8')));
    return copy;
  }

  test('an untouched log is intact, sealed segments and all', async () => {
    expect(readdirSync(join(directory, 'entries')).some((file) => file.endsWith('.gz'))).toBe(true);
    const ran = await check(directory);
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toContain('Signature Verified Successfully');
    expect(ran.stdout).toMatch(/intact: \d+ entries of hand\.example\/log\n$/);
    expect(ran.status).toBe(0);
  });

  test('an entry that was changed breaks the chain at the next', async () => {
    const ran = await check(
      tampered('edited', (text) => text.replace('"outcome":"success"', '"outcome":"failure"')),
    );
    expect(ran.stdout).toMatch(/the chain breaks at entry \d+\n$/);
    expect(ran.status).toBe(1);
  });

  test('the last entry, which no other follows, is under the root', async () => {
    const ran = await check(tampered('last', (text) => text.replace(/"v":1}\n$/, '"v":2}\n')));
    expect(ran.stdout).toMatch(/the root is another\n$/);
    expect(ran.status).toBe(1);
  });

  test('entries that were cut off are missed', async () => {
    const ran = await check(tampered('cut', (text) => text.slice(0, text.lastIndexOf('{'))));
    expect(ran.stdout).toMatch(/signed: \d+ entries; here: \d+\n$/);
    expect(ran.status).toBe(1);
  });

  test('another key does not pass', async () => {
    const [name, id, ...base64] = vkey.split('+');
    const bytes = Buffer.from(base64.join('+'), 'base64');
    bytes[bytes.length - 1]! ^= 1;
    const ran = await check(directory, `${name}+${id}+${bytes.toString('base64')}`);
    expect(ran.stdout).not.toContain('intact');
    expect(ran.status).not.toBe(0);
  });
});
