// Retention on a real log: archived, approved, pruned; and each of these refused where it must be.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AuditLog,
  createMemoryStore,
  generatePrivateKey,
  openAuditLog,
  parseVerifierKey,
  signerFromPem,
  verifyDirectory,
} from '@audit/core';
import {
  APPROVAL_AGE,
  applyRetention,
  approve,
  findApproved,
  formatRequest,
  parseRequest,
  policyDigest,
  type RetentionOptions,
} from '@audit/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const ORIGIN = 'policy.example/retention';
const DAY = 24 * 3_600_000;
const START = Date.parse('2026-01-01T00:00:00Z');
const LATER = START + 40 * DAY;

let folder: string;
let log: AuditLog;
let now: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-retention-'));
  now = START;
  log = await openAuditLog({
    ...{ directory: join(folder, 'log'), origin: ORIGIN, segmentAge: DAY, onKeyCreated() {} },
    clock: { now: () => now },
  });
  await days(4);
});
afterEach(async () => {
  expect(await log.verify()).toMatchObject({ verdict: 'intact' });
  await log.close();
  await rm(folder, { recursive: true, force: true });
});

/** A segment a day. */
async function days(count: number): Promise<void> {
  for (let day = 0; day < count; day++) {
    for (let n = 0; n < 5; n++) {
      await log.record({
        ...{ type: 'data.update', operation: 'set', resource: { type: 'counter', id: 'c' } },
        ...{ outcome: 'success', data: { n } },
      });
    }
    now += DAY;
  }
}

const people = ['alice.example', 'bob.example', 'carol.example'].map((name) =>
  signerFromPem(name, generatePrivateKey('ed25519')),
);
const [alice, bob, carol] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];
const approvers = [alice, bob].map(({ key }) => key.vkey);

async function pruneEntries() {
  const found = [];
  for await (const entry of log.entries({ type: 'log.prune' })) found.push(entry);
  return found;
}

test('what has expired goes, and the log says by which rules', async () => {
  const dry = await applyRetention(log, {}, LATER, { dryRun: true });
  expect(dry.segments.map(({ reason }) => reason)).toEqual(['expired', 'expired', 'expired', 'not-sealed']);
  expect(dry.pruned).toMatchObject({ from: 0, seq: null });
  expect(await pruneEntries()).toEqual([]);
  const result = await applyRetention(log, {}, LATER);
  expect(result.pruned).toEqual({ ...dry.pruned, seq: expect.any(Number) });
  const [told] = await pruneEntries();
  expect(told!.data).toMatchObject({
    policy: { digest: policyDigest({}), keep: 30 * DAY, reasons: { expired: 3 } },
  });
  expect((await applyRetention(log, {}, LATER)).pruned).toBeNull();
  expect((await log.segments()).length).toBe(1);
});

test('a sealed segment is read once, whatever is asked of it', async () => {
  let read = 0;
  const entries = log.entries.bind(log);
  log.entries = (filter) => {
    read++;
    return entries(filter);
  };
  for (const keep of [300, 200, 100]) await applyRetention(log, { keep: keep * DAY }, LATER);
  expect(read).toBe(1);
});

describe('with an archive', () => {
  const archived = () =>
    verifyDirectory(join(folder, 'archive'), { keys: [parseVerifierKey(log.info().vkey)] });

  test('what goes is there, as often as retention is applied', async () => {
    const options = { archive: join(folder, 'archive'), requireArchive: true };
    const { archived: report, pruned } = await applyRetention(log, options, LATER);
    expect(report).toMatchObject({ first: 0, size: pruned!.to });
    expect((await pruneEntries())[0]!.data).toMatchObject({ policy: { archived: pruned!.to } });
    await days(3);
    const next = await applyRetention(log, options, LATER + 10 * DAY);
    expect(next.archived).toMatchObject({ first: 0, from: pruned!.to });
    expect(await archived()).toMatchObject({
      ...{ verdict: 'intact', findings: [], entriesChecked: next.archived!.size },
    });
  });

  test('that is required and fails nothing goes', async () => {
    await writeFile(join(folder, 'blocked'), '');
    const options = { archive: join(folder, 'blocked', 'archive'), requireArchive: true };
    const { archiveError, pruned, segments } = await applyRetention(log, options, LATER);
    expect(archiveError).toMatchObject({ code: 'STORE_IO' });
    expect([pruned, segments[0]!.reason]).toEqual([null, 'expired']);
    expect((await applyRetention(log, { ...options, requireArchive: false }, LATER)).pruned).not.toBeNull();
  });

  test('that was changed nothing more is archived into, and nothing goes', async () => {
    const options = { archive: join(folder, 'archive'), requireArchive: true };
    await applyRetention(log, { ...options, keep: Number.POSITIVE_INFINITY }, LATER);
    const path = join(folder, 'archive', 'checkpoint');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/\n\d+\n/, '\n3\n'));
    const { archiveError, pruned } = await applyRetention(log, options, LATER);
    expect(archiveError).toMatchObject({ code: 'ARCHIVE_INVALID' });
    expect(pruned).toBeNull();
  });
});

describe('with approvers', () => {
  const options: RetentionOptions = { approvers };
  const waiting = async (more: RetentionOptions = options) =>
    (await applyRetention(log, more, LATER)).request!;
  const tried = async (approvals: readonly string[], more: RetentionOptions = options, at = LATER) =>
    (await applyRetention(log, more, at, { approvals })).pruned?.entries ?? 0;

  test('nothing goes before two of them signed what was asked, and what they signed is recorded', async () => {
    const request = await waiting();
    expect(parseRequest(request)).toMatchObject({ origin: ORIGIN, digest: policyDigest(options) });
    const [a, b] = [await approve(request, alice), await approve(request, bob)];
    expect(await tried([])).toBe(0);
    expect(await tried([a])).toBe(0);
    expect(await tried([a, b])).toBeGreaterThan(0);
    const [told] = await pruneEntries();
    const { approvals, approvedBy } = (told!.data as { policy: Record<string, string[]> }).policy;
    expect([approvals, approvedBy]).toEqual([[a, b], approvers]);
    expect(findApproved(approvals!, ORIGIN, options, LATER)).toMatchObject({ to: told!.data!.to });
  });

  test('one note with both signatures is as good, and a signature given again counts once', async () => {
    const request = await waiting();
    const one = await approve(request, alice);
    const again = await approve(one, alice);
    expect(await tried([one, again])).toBe(0);
    expect(await tried([await approve(one, bob)])).toBeGreaterThan(0);
  });

  test.each<[string, (request: string) => Promise<string[]>]>([
    ['a stranger', async (r) => [await approve(r, alice), await approve(r, carol)]],
    ['a signature that is wrong', async (r) => [await approve(r, alice), await forged(r, bob)]],
    ['another log', async (r) => signedByBoth({ ...parseRequest(r)!, origin: 'other.example' })],
    ['other rules', async (r) => signedByBoth({ ...parseRequest(r)!, digest: policyDigest({ keep: 1 }) })],
    [
      'two different requests',
      async (r) => [await approve(r, alice), (await signedByBoth({ ...parseRequest(r)!, to: 5 }))[1]!],
    ],
    ['no note', async () => ['', 'nothing\n\n', 'x'.repeat(100)]],
  ])('%s does not do', async (_, make) => {
    expect(await tried(await make(await waiting()))).toBe(0);
  });

  test('an approval is for the rules as they were, for a time, and reaches no further than was asked', async () => {
    const request = await waiting();
    const both = [await approve(await approve(request, alice), bob)];
    expect(await tried(both, { ...options, keep: DAY })).toBe(0);
    expect(await tried(both, options, LATER + APPROVAL_AGE + 1)).toBe(0);
    await days(3);
    const { to } = parseRequest(request)!;
    expect(await tried(both, options, LATER + DAY)).toBe(to);
    // What was approved does not let go what a hold holds since.
    const held = { ...options, holds: [{ id: 'case', reason: 'a letter' }] };
    const signed = await approve(
      await approve(formatRequest({ ...parseRequest(request)!, digest: policyDigest(held) }), alice),
      bob,
    );
    expect(await tried([signed], held)).toBe(0);
  });
});

/** A signature of something else under this request. */
async function forged(request: string, signer: typeof bob): Promise<string> {
  const other = formatRequest({ ...parseRequest(request)!, to: 0 });
  return (await approve(other, signer)).replace(other, request);
}

async function signedByBoth(request: Parameters<typeof formatRequest>[0]): Promise<string[]> {
  const text = formatRequest(request);
  return [await approve(text, alice), await approve(text, bob)];
}

describe('options that contradict each other are refused', () => {
  test.each<[RetentionOptions, RegExp]>([
    [{ requireArchive: true }, /requireArchive needs archive/],
    [{ approvers: approvers.slice(1) }, /approvals must be from 1/],
    [{ approvers: [approvers[0]!, approvers[0]!] }, /approvals must be from 1/],
    [{ approvers, approvals: 0 }, /approvals must be from 1/],
  ])('%o', async (options, message) => {
    await expect(applyRetention(log, options, LATER)).rejects.toThrow(message);
  });

  test('and so is a log that has no segments, and what is no request', async () => {
    const signer = signerFromPem(ORIGIN, generatePrivateKey('ed25519'));
    const memory = await openAuditLog({ store: createMemoryStore(), origin: ORIGIN, signer });
    await expect(applyRetention(memory, {}, LATER)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    expect(await memory.verify()).toMatchObject({ verdict: 'intact' });
    await memory.close();
    await expect(approve('give me all\n', alice)).rejects.toThrow(/--request/);
  });
});
