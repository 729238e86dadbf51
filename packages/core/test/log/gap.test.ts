import { expect, test } from 'vitest';
import type { MissingEvents } from '../../src/log/types.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, deferred, event, FaultyStore, openLog } from './harness.ts';

test('an adapter tells what was lost before it reached the log, and verification passes it on', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const receipt = await log.recordGap({
    reason: 'docker-queue',
    events: 3,
    data: { source: 'engine-1', note: 'password=hunter22' },
  });
  const unknown = await log.recordGap({ reason: 'docker-stream' });
  const report = await log.verify();
  expect(report.findings).toMatchObject([
    { code: 'gap', seq: receipt.seq },
    { code: 'gap', seq: unknown.seq },
  ]);
  await log.close();
  const entries = await checkLog(store);
  expect(entries[receipt.seq]).toMatchObject({
    type: 'log.gap',
    category: 'audit',
    level: 'critical',
    data: { reasons: { 'docker-queue': 3 }, source: 'engine-1', note: 'password=[REDACTED]' },
    redacted: ['/data/note'],
  });
  expect(entries[unknown.seq]!.data).toEqual({ reasons: { 'docker-stream': null } });
});

test('a gap is told however full the queue is, and whatever handlers do', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store, queueEvents: 1 });
  log.use(() => {});
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  const gap = log.recordGap({ reason: 'docker-stream' });
  const another = log.recordGap({ reason: 'docker-stream' });
  gate.resolve();
  expect((await another).seq).toBe((await gap).seq + 1);
  await log.close();
  await checkLog(store);
});

test('what is no gap is refused by name, and a closed log takes none', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const wrong: [unknown, ErrorConstructor][] = [
    [{}, TypeError],
    [{ reason: 'Docker stream' }, RangeError],
    [{ reason: 'docker', events: -1 }, RangeError],
    [{ reason: 'docker', events: 0.5 }, RangeError],
  ];
  for (const [missing, kind] of wrong) {
    await expect(log.recordGap(missing as MissingEvents)).rejects.toThrow(kind);
  }
  await log.record(event(1));
  await log.close();
  await expect(log.recordGap({ reason: 'docker-stream' })).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  await checkLog(store);
});
