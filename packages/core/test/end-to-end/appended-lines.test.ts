import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAuditLog } from '../../src/index.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';

let directory: string;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'audit-appended-')), 'log');
});
afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }));

const open = () => openAuditLog({ directory, origin: 'test.example/appended', onKeyCreated: () => {} });
const login = {
  type: 'auth.attempt',
  operation: 'login',
  resource: { type: 'user', id: 'ada' },
  outcome: 'success',
} as const;

test('lines appended by someone without the key between two runs are never signed', async () => {
  const first = await open();
  await first.record(login);
  await first.close();

  // Perfect in everything but the signature: it continues the chain, as whoever can read the file can compute.
  const segment = join(directory, 'entries', '0000000000000000.jsonl');
  const lines = (await readFile(segment, 'utf8')).trimEnd().split('\n');
  const last = JSON.parse(lines.at(-1)!) as { seq: number };
  const forged = lines[1]!
    .replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${nodeHasher.leaf(lines.at(-1)!)}"`)
    .replace('"seq":1,', `"seq":${last.seq + 1},`)
    .replaceAll('"ada"', '"mallory"');
  await appendFile(segment, `${forged}\n`);

  const second = await open();
  await second.record(login);
  const users: unknown[] = [];
  for await (const entry of second.entries()) users.push(entry.resource.id);
  const report = await second.verify();
  await second.close();

  expect(users).not.toContain('mallory');
  expect(report.verdict).toBe('intact');
  expect(report.findings).toMatchObject([{ code: 'recovered' }]);
  expect(await readFile(segment, 'utf8')).not.toContain('mallory');
  const [kept] = await readdir(join(directory, 'quarantine'));
  expect(await readFile(join(directory, 'quarantine', kept!), 'utf8')).toBe(`${forged}\n`);
});
