import { expect, test } from 'vitest';
import type { GapReport } from '../../src/log/gap-report.ts';
import { MAX_GAP_REPORTS } from '../../src/log/loss.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, deferred, event, FaultyStore, gaps, openLog } from './harness.ts';

test('a reported gap is counted at once and written with what is known of it', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const degraded: string[] = [];
  log.on('degraded', ({ reason }) => degraded.push(reason));
  log.reportGap({
    reason: 'stream-gap',
    events: 0,
    message: 'The engine kept 256 events; those before may be missing.',
    trace: { requestId: 'r1' },
    data: { engine: 'local', from: '2026-01-01T00:00:00.000Z' },
  });
  expect(log.health()).toMatchObject({ status: 'degraded', lost: { 'stream-gap': 0 } });
  expect(degraded).toHaveLength(1);
  await log.flush();
  expect(log.health().status).toBe('ok');
  expect((await log.verify()).findings.map(({ code }) => code)).toContain('gap');
  await log.close();
  const gap = (await checkLog(store)).find(({ type }) => type === 'log.gap');
  expect(gap).toMatchObject({ level: 'critical', outcome: 'success' });
  expect(gap?.data).toEqual({
    reasons: { 'stream-gap': 0 },
    reports: [
      {
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        reason: 'stream-gap',
        events: 0,
        message: 'The engine kept 256 events; those before may be missing.',
        trace: { requestId: 'r1' },
        data: { engine: 'local', from: '2026-01-01T00:00:00.000Z' },
      },
    ],
  });
});

test('while the store is away reports wait, a bounded number of them in full, all of them counted', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  log.emit(event(1));
  const report = (n: number): GapReport => ({
    reason: 'withheld',
    message: 'm'.repeat(10_000),
    trace: { requestId: `r${n}` },
    data: { n },
  });
  log.reportGap({ reason: 'first' });
  for (let n = 0; n < 1_000; n++) log.reportGap(report(n));
  gate.resolve();
  await log.close();
  const entries = await checkLog(store);
  expect(gaps(entries)).toEqual({ first: 1, withheld: 1_000 });
  const written = entries.filter(({ type }) => type === 'log.gap');
  const told = written.flatMap(({ data }) => data?.reports as { reason: string; message?: string }[]);
  const omitted = written.reduce((sum, { data }) => sum + ((data?.reportsOmitted as number) ?? 0), 0);
  expect(told.length + omitted).toBe(1_001);
  for (const { data } of written)
    expect(data?.reports).toSatisfy((reports: unknown[]) => reports.length <= MAX_GAP_REPORTS);
  expect(told[0]?.reason).toBe('first');
  expect(told[1]?.message).toBe('m'.repeat(512));
});

test('what a report says is redacted, and facts that are too many are left out', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  log.reportGap({
    reason: 'withheld',
    message: 'GET /?token=s3cret-7f3a9c was withheld',
    data: { password: 's3cret-7f3a9c' },
  });
  log.reportGap({ reason: 'withheld', data: { list: 'x'.repeat(2_000) } });
  await log.close();
  const entries = await checkLog(store);
  expect(JSON.stringify(entries)).not.toContain('s3cret');
  const reports = entries.flatMap(({ data }) => (data?.reports as { data?: unknown }[]) ?? []);
  expect(reports.map(({ data }) => data)).toEqual([{ password: '[REDACTED]' }, undefined]);
});

test.each([
  [{ reason: 'Not A Word' }, /reason must be/],
  [{ reason: '' }, /reason must be/],
  [{ reason: 'lost', events: -1 }, /events must be/],
  [{ reason: 'lost', events: 1.5 }, /events must be/],
])('a report that makes no sense is the adapter’s mistake: %j', async (gap, message) => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  expect(() => log.reportGap(gap as GapReport)).toThrow(message);
  await log.close();
  await checkLog(store);
});
