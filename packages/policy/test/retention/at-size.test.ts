// A log of some thousand entries, or of a million (`npm run retention`): archived, pruned, and verified after each.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditLog, openAuditLog, parseVerifierKey, type Receipt, verifyDirectory } from '@audit/core';
import { nodeHasher, verifyProof } from '@audit/core/internal';
import { applyRetention } from '@audit/policy';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ENTRIES = Number(process.env.AUDIT_RETENTION_ENTRIES ?? 20_000);
const DAY = 24 * 3_600_000;
const START = Date.parse('2026-01-01T00:00:00Z');
/** The entries lie in 60 days; on the 75th, those of the first half are older than 45. */
const SPAN = 60 * DAY;
const NOW = START + 75 * DAY;
const KEEP = 45 * DAY;
/** An event of `fill` takes about so many bytes as an entry. */
const ENTRY_BYTES = 400;
const SEGMENTS = 24;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-at-size-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const figures: string[] = [];
async function timed<T>(what: string, act: () => Promise<T>, more: (result: T) => string): Promise<T> {
  const from = performance.now();
  const result = await act();
  const seconds = (performance.now() - from) / 1000;
  figures.push(`${what.padEnd(50)} ${seconds.toFixed(2).padStart(8)} s   ${more(result)}`);
  return result;
}

function eventOf(n: number) {
  return {
    ...{ type: 'data.update', operation: 'change order', outcome: 'success' as const },
    ...{ resource: { type: 'order', id: `o${n}` }, actor: { type: 'user', id: `u${n % 997}` } },
    data: { before: { state: 'open' }, after: { state: 'sent' }, n },
  };
}

/** Records `count` events over the span, and returns the receipts of some of them. */
async function fill(log: AuditLog, count: number, at: (n: number) => void): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  const batch = Math.max(100, Math.ceil(ENTRIES / 500));
  for (let from = 0; from < count; from += batch) {
    at(from);
    const to = Math.min(from + batch, count);
    for (let n = from + 1; n < to; n++) log.emit(eventOf(n));
    receipts.push(await log.record(eventOf(from)));
    await log.flush();
  }
  return receipts;
}

test(`a log of ${ENTRIES} entries is archived and pruned, and what was proven before is proven after`, async () => {
  let now = START;
  const directory = join(folder, 'log');
  const archive = join(folder, 'archive');
  const log = await openAuditLog({
    ...{ directory, origin: 'policy.example/at-size', onKeyCreated() {}, clock: { now: () => now } },
    ...{ segmentBytes: Math.ceil((ENTRIES * ENTRY_BYTES) / SEGMENTS), segmentAge: Number.MAX_SAFE_INTEGER },
  });
  const keys = [parseVerifierKey(log.info().vkey)];
  const receipts = await timed(
    `record ${ENTRIES} events`,
    () => fill(log, ENTRIES, (n) => (now = START + Math.floor((SPAN * n) / ENTRIES))),
    () => `${log.info().size} entries`,
  );
  now = NOW;
  const checkpoint = log.info().checkpoint!;
  const proofs = await Promise.all(receipts.map(({ seq }) => log.prove(seq)));
  const since = [
    checkpoint,
    ...[0, 1, Math.floor(receipts.length / 2)].map((i) => JSON.stringify(receipts[i])),
  ];

  const told = ({ verdict, entriesChecked }: { verdict: string; entriesChecked: number }) =>
    `${verdict}, ${entriesChecked} entries read`;
  /** The log with what was trusted before, and the archive by itself. */
  const verify = async (when: string) => {
    const report = await timed(
      `verify the log ${when}`,
      () => verifyDirectory(directory, { keys, since, requirePinned: true }),
      told,
    );
    expect(report, when).toMatchObject({ verdict: 'intact', size: log.info().size });
    return report;
  };
  const verifyArchive = async (when: string, size: number) => {
    const report = await timed(
      `verify the archive ${when}`,
      () => verifyDirectory(archive, { keys, requirePinned: true }),
      told,
    );
    expect(report, when).toMatchObject({ verdict: 'intact', size, entriesChecked: size, findings: [] });
  };
  const provenStill = async () => {
    for (const [i, { seq, hash }] of receipts.entries()) {
      expect(verifyProof(nodeHasher, proofs[i]!, hash, keys)).toMatchObject({ index: seq });
      if (i % 10 === 0) {
        expect(verifyProof(nodeHasher, await log.prove(seq), hash, keys)).toMatchObject({ index: seq });
      }
    }
  };

  await verify('before');
  const kept = await timed(
    'archive all that is finished',
    () => applyRetention(log, { keep: Number.POSITIVE_INFINITY, archive }, NOW),
    ({ archived }) =>
      `${archived!.size} entries, ${archived!.segments.length} segments, ${archived!.bytes} bytes`,
  );
  expect([kept.pruned, kept.archiveError]).toEqual([null, null]);
  await verify('archived');
  await verifyArchive('as it is', kept.archived!.size);

  const half = await timed(
    'prune what is older than 45 of 75 days',
    () => applyRetention(log, { keep: KEEP, archive, requireArchive: true }, NOW),
    ({ pruned }) => `${pruned!.entries} entries, ${pruned!.segments.length} segments, ${pruned!.bytes} bytes`,
  );
  expect(half.pruned!.to).toBeGreaterThan(ENTRIES * 0.4);
  expect(half.pruned!.to).toBeLessThan(ENTRIES * 0.6);
  const report = await verify('pruned by half');
  expect(report.entriesChecked).toBe(report.size - half.pruned!.to);
  expect(report.findings).toEqual([
    expect.objectContaining({ code: 'pruned', seq: { from: 0, to: half.pruned!.to } }),
  ]);
  await provenStill();

  await fill(log, Math.ceil(ENTRIES / 10), () => {});
  const rest = await timed(
    'archive and prune the rest, a tenth recorded since',
    () => applyRetention(log, { keep: 0, archive, requireArchive: true }, NOW + 1),
    ({ pruned, archived }) => `${pruned!.entries} entries pruned, ${archived!.size} in the archive`,
  );
  await verify('pruned but for its end');
  await verifyArchive('with the whole history', rest.archived!.size);
  await provenStill();
  await log.close();
  expect(await verifyDirectory(directory, { keys, since })).toMatchObject({ verdict: 'intact' });
  if (process.env.AUDIT_RETENTION_ENTRIES !== undefined) {
    console.log(`${figures.join('\n')}\n${receipts.length} proofs made before hold after each prune.`);
  }
}, 3_600_000);
