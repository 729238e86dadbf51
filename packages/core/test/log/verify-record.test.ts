// What a log writes of its own verification.
import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, event, FaultyStore, openLog, types } from './harness.ts';

test('a verdict is written only where that is asked for, with what was read', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  for (let n = 0; n < 4; n++) await log.record(event(n));
  await log.verify();
  await log.verify({ record: true });
  await log.verify({ record: true, from: 3, to: 5 });
  await log.close();
  const entries = await checkLog(store);
  const verdicts = entries.filter(({ type }) => type === 'log.verify');
  expect(verdicts.map(({ seq, level, outcome, data }) => ({ seq, level, outcome, data }))).toEqual([
    { seq: 5, level: 'info', outcome: 'success', data: { verdict: 'intact', size: 5, entriesChecked: 5 } },
    {
      ...{ seq: 6, level: 'info', outcome: 'success' },
      data: { verdict: 'intact', size: 6, entriesChecked: 2, from: 3, to: 5 },
    },
  ]);
});

test('a finding makes it critical, and names the entry; what there is too much of is counted', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  for (let n = 0; n < 30; n++) await log.record(event(n));
  const read = store.entries.bind(store);
  store.entries = async function* (from, to) {
    for await (const { seq, text } of read(from, to))
      yield { seq, text: seq >= 5 ? text.replace('"c1"', '"c2"') : text };
  };
  const report = await log.verify({ record: true });
  store.entries = read;
  await log.close();
  expect(report.verdict).toBe('tampered');
  const written = (await checkLog(store)).find(({ type }) => type === 'log.verify')!;
  expect(written).toMatchObject({ level: 'critical', outcome: 'failure', data: { firstBadSeq: 5 } });
  const { findings, findingsOmitted } = written.data as unknown as {
    findings: { code: string; seq: number }[];
    findingsOmitted: number;
  };
  expect(findings[0]).toMatchObject({ code: 'entry-modified', seq: 5 });
  expect(findings.length + findingsOmitted).toBe(report.findings.length);
  expect(findings).toHaveLength(20);
});

test('a verdict that cannot be written still comes, and error is told', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  await log.record(event(1));
  await log.close();
  const errors: Error[] = [];
  log.on('error', (error) => errors.push(error));
  expect((await log.verify({ record: true })).verdict).toBe('intact');
  expect(errors.map(({ message }) => message)).toEqual([
    'The verdict of a verification (intact) could not be written into the log.',
  ]);
  expect(types(await checkLog(store))).toEqual(['log.create', 'data.update', 'log.close']);
});
