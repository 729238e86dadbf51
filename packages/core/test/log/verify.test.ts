import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, event, FaultyStore, openLog } from './harness.ts';

test('a log verifies itself under its own key while it is written, and after it was closed', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const receipt = await log.record(event(1));
  log.emit(event(2));
  expect(await log.verify({ since: [receipt.checkpoint!, JSON.stringify(receipt)] })).toMatchObject({
    verdict: 'intact',
    size: 2,
    entriesChecked: 2,
    findings: [],
    keys: [{ name: log.origin, type: 'ed25519', pinned: true }],
    checkpoint: { size: 2, note: receipt.checkpoint },
  });
  await log.close();
  expect(await log.verify()).toMatchObject({ verdict: 'intact', size: 4, entriesChecked: 4 });
  expect(await log.verify({ from: 1, to: 3 })).toMatchObject({ verdict: 'intact', entriesChecked: 2 });
  expect(await log.verify({ keys: [log.info().vkey], hashesOnly: true })).toMatchObject({
    verdict: 'intact',
  });
  await checkLog(store);
});

test('an entry changed behind the back of the log is named', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  for (let n = 0; n < 9; n++) await log.record(event(n));
  const read = store.entries.bind(store);
  store.entries = async function* (from, to) {
    for await (const { seq, text } of read(from, to))
      yield { seq, text: seq === 5 ? text.replace('"n":4', '"n":5') : text };
  };
  const report = await log.verify();
  expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: 5 });
  expect(report.findings).toMatchObject([{ code: 'entry-modified', seq: 5 }]);
  store.entries = read;
  await log.close();
  await checkLog(store);
});

test('what the log told of losses and its clock is told by its verification', async () => {
  const store = createMemoryStore();
  let now = Date.parse('2026-01-01T00:00:00Z');
  const log = await openLog({ store, clock: { now: () => now } });
  log.emit(null as never);
  now -= 10_000;
  await log.record(event(1));
  await log.close();
  const report = await log.verify();
  expect(report.verdict).toBe('intact');
  expect(report.findings.map(({ code }) => code).sort()).toEqual(['clock', 'gap']);
  await checkLog(store);
});
