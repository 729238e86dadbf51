// A log that verifies itself by schedule, and one that was changed behind its back.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditLog, Entry, VerifyReport } from '@audit/core';
import { type Maintenance, rotateJob, startMaintenance, startMonitoring, verifyJob } from '@audit/policy';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EVENT } from '../effects/logs.ts';
import { Place } from '../support/place.ts';
import { valueIn } from '../support/prometheus.ts';

const DAY = 86_400_000;

let place: Place;
let log: AuditLog;
let now: number;
let maintenance: Maintenance;
let findings: VerifyReport[];
const clock = { now: () => now };

beforeEach(async () => {
  place = new Place();
  now = Date.now();
  findings = [];
  log = await place.open();
  for (let n = 0; n < 50; n++) log.emit(EVENT);
  await log.flush();
});
afterEach(async () => {
  await maintenance.stop();
  await place.closeIntact(log);
  place.remove();
});

async function start(): Promise<void> {
  const job = verifyJob({
    log,
    clock,
    interval: DAY,
    fullInterval: 7 * DAY,
    onFinding: (report) => findings.push(report),
  });
  maintenance = await startMaintenance({ log, clock, jobs: [job], jitter: 0 });
}

async function verdicts(): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of log.entries({ type: 'log.verify' })) entries.push(entry);
  return entries;
}

/** Changes a letter of an entry of the segment being written, behind the back of the log; the function puts it back. */
function tamper(): () => void {
  const file = join(log.info().location, 'entries', '0000000000000000.jsonl');
  const bytes = readFileSync(file);
  const changed = Buffer.from(bytes);
  changed[bytes.indexOf('change address') + 2] = 0x41;
  // In place: the writer has the file open.
  writeFileSync(file, changed, { flag: 'r+' });
  return () => writeFileSync(file, bytes, { flag: 'r+' });
}

test('reads what is new each day, all of it each week, and goes on so after a restart', async () => {
  await start();
  const checked: unknown[] = [];
  for (let day = 0; day < 9; day++) {
    if (day === 4) {
      await maintenance.stop();
      await log.close();
      log = await place.open();
      await start();
    }
    const status = await maintenance.runNow('verify');
    const { entriesChecked, size } = status.result as { entriesChecked: number; size: number };
    checked.push(entriesChecked === size ? 'all' : entriesChecked);
    now += DAY;
  }
  // log.verify itself; and after the restart log.close and log.open.
  expect(checked).toEqual(['all', 1, 1, 1, 3, 1, 1, 'all', 1]);
  const entries = await verdicts();
  expect(entries).toHaveLength(9);
  expect(entries.every(({ data, level }) => data?.verdict === 'intact' && level === 'info')).toBe(true);
  expect(entries[1]!.data).toMatchObject({ entriesChecked: 1, from: 51 });
  expect(findings).toEqual([]);
});

test('finds what was changed, tells it everywhere, and does not call it intact until it is', async () => {
  await start();
  await maintenance.runNow('verify');
  const monitoring = { address: '127.0.0.1', port: 0, disk: { interval: DAY, ladder: {} } };
  const served = await startMonitoring({ log, monitoring, sources: [maintenance] });
  const scrape = async (name: string) =>
    valueIn(await (await fetch(`${served.url}/metrics`, { headers: { connection: 'close' } })).text(), name);
  expect(await scrape('audit_last_verification_ok')).toBe(1);
  now += 5_000;
  expect(await scrape('audit_last_verification_age_seconds')).toBe(5);

  const putBack = tamper();
  // What is new is intact, and so is what is said of it: all is read only once a week.
  now += DAY;
  await maintenance.runNow('verify');
  expect(findings).toEqual([]);
  now += 7 * DAY;
  await maintenance.runNow('verify');
  expect(findings).toMatchObject([{ verdict: 'tampered', findings: [{ code: 'entry-modified', seq: 1 }] }]);
  expect((await verdicts()).at(-1)).toMatchObject({
    ...{ level: 'critical', outcome: 'failure' },
    data: { verdict: 'tampered', firstBadSeq: 1, findings: [{ code: 'entry-modified', seq: 1 }] },
  });
  expect(await scrape('audit_last_verification_ok')).toBe(0);
  expect(served.status()).toMatchObject({ ready: true, status: 'degraded' });
  expect(served.status().checks.find(({ name }) => name === 'verification')).toMatchObject({
    reasons: [
      expect.stringMatching(
        /^The log was tampered at \d+ entries on .* \(entry-modified\): run audit verify\.$/,
      ),
    ],
  });

  // The next day all is read again, although the week is not over.
  now += DAY;
  await maintenance.runNow('verify');
  expect(findings).toHaveLength(2);
  putBack();
  now += DAY;
  await maintenance.runNow('verify');
  expect(await scrape('audit_last_verification_ok')).toBe(1);
  expect(served.status().status).toBe('ok');
  await served.stop();
});

test('a log that is put back to what it was, its high-water mark removed, is found by the checkpoint that was kept', async () => {
  await log.close();
  const { location } = log.info();
  cpSync(location, place.path('copy'), { recursive: true });
  log = await place.open();
  for (let n = 0; n < 10; n++) await log.record(EVENT);
  await start();
  await maintenance.runNow('verify');
  await maintenance.stop();
  await log.close();

  rmSync(location, { recursive: true });
  cpSync(place.path('copy'), location, { recursive: true });
  rmSync(`${location}.private/high-water`);
  log = await place.open();
  await start();
  await maintenance.runNow('verify');
  expect(findings).toMatchObject([{ verdict: 'tampered', findings: [{ code: 'rolled-back' }] }]);
});

test('what a stranger left in its place is not believed', async () => {
  writeFileSync(
    `${log.info().location}.private/maintenance.json`,
    JSON.stringify({
      origin: log.origin,
      jobs: {
        verify: {
          ...{ since: 0, succeededAt: 0, failedAt: null, failures: 0, error: null },
          result: { verdict: 'intact', at: 0, fullAt: now + 1_000 * DAY, size: -5, note: 7 },
        },
      },
    }),
  );
  await start();
  const { result } = await maintenance.runNow('verify');
  expect(result).toMatchObject({ verdict: 'intact', entriesChecked: 51 });
});

test('an idle log ends its segment at its age', async () => {
  await log.close();
  log = await place.open({ segmentAge: 1 });
  maintenance = await startMaintenance({ log, jobs: [rotateJob(log, 50)], jitter: 0 });
  const rotated = async () => {
    let count = 0;
    for await (const { type } of log.entries({ type: 'log.rotate' })) count += type.length > 0 ? 1 : 0;
    return count;
  };
  while ((await rotated()) < 3);
  await maintenance.stop();
});
