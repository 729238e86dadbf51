import { expect, test } from 'vitest';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, event, MoodySigner, numbers, openLog, types } from './harness.ts';

test('a receipt names the entry, its leaf hash and the note that covers it', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const receipt = await log.record(event(1));
  expect(receipt.seq).toBe(1);
  expect(receipt.unsigned).toBeUndefined();
  for await (const { text } of store.entries(1, 2)) {
    expect(nodeHasher.leaf(text)).toBe(receipt.hash);
    expect(JSON.parse(text)).toMatchObject({ id: receipt.id, seq: 1, data: { n: 1 } });
  }
  expect(receipt.checkpoint).toBe(log.info().checkpoint);
  await log.close();
  await checkLog(store);
});

test('a log begins with log.create and ends with log.close', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  await log.record(event(1));
  await log.close();
  const entries = await checkLog(store);
  expect(types(entries)).toEqual(['log.create', 'data.update', 'log.close']);
  expect(entries[0]!.data).toEqual({
    origin: log.origin,
    vkeys: [log.info().vkey],
    format: 1,
    software: expect.stringMatching(/^@audit\/core \d+\.\d+\.\d+/),
  });
});

test('events recorded in one turn of the event loop share one batch, in the order of the calls', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const receipts = await Promise.all([1, 2, 3, 4, 5].map((n) => log.record(event(n))));
  expect(new Set(receipts.map(({ checkpoint }) => checkpoint)).size).toBe(1);
  expect(receipts.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1, 2, 3, 4, 5]);
});

test('batches are no larger than batchEvents and batchBytes allow', async () => {
  for (const limit of [{ batchEvents: 10 }, { batchBytes: 65_535 }]) {
    const store = createMemoryStore();
    const log = await openLog({ store, ...limit });
    const text = 'x'.repeat(7_000);
    await Promise.all(Array.from({ length: 95 }, (_, n) => log.record(event(n, { data: { n, text } }))));
    await log.close();
    expect(numbers(await checkLog(store))).toHaveLength(95);
    const sizes: number[] = [];
    for await (const note of store.notes()) sizes.push(Number(note.split('\n')[1]));
    const steps = sizes.map((size, i) => size - (sizes[i - 1] ?? 0));
    expect(Math.max(...steps)).toBeLessThanOrEqual(10);
  }
});

test('what the caller changes in an event after the call has no effect', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const changed = event(1, { data: { n: 1, nested: { secretly: 'before' } } });
  const recorded = log.record(changed);
  (changed.data as { nested: { secretly: string } }).nested.secretly = 'after';
  log.emit(changed);
  (changed.data as { nested: { secretly: string } }).nested.secretly = 'much later';
  await recorded;
  await log.close();
  const entries = await checkLog(store);
  expect(entries.flatMap(({ data }) => (data?.nested === undefined ? [] : [data.nested]))).toEqual([
    { secretly: 'before' },
    { secretly: 'after' },
  ]);
});

test('an invalid event is refused with what is wrong, and the log goes on', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  await expect(log.record({ ...event(1), outcome: 'splendid' as 'success' })).rejects.toMatchObject({
    code: 'EVENT_INVALID',
    message: expect.stringContaining('outcome'),
  });
  await expect(log.record(null as never)).rejects.toMatchObject({ code: 'EVENT_INVALID' });
  await expect(log.record({ ...event(1), type: 'log.gap' })).rejects.toMatchObject({ code: 'EVENT_INVALID' });
  await log.record(event(2));
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([2]);
});

test('a log of many tiles has the root its leaves lead to', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store, batchEvents: 1_000 });
  await Promise.all(Array.from({ length: 2_000 }, (_, n) => log.record(event(n))));
  await log.close();
  expect(numbers(await checkLog(store))).toEqual(Array.from({ length: 2_000 }, (_, n) => n));
  expect(await store.hashes(1, 0, 9)).toHaveLength(7);
});

test('records on a log that signs with an asynchronous signer wait for the signature', async () => {
  const store = createMemoryStore();

  const log = await openLog({ store, signer: new MoodySigner() });
  expect((await log.record(event(1))).checkpoint).toContain(log.origin);
  await log.close();
  await checkLog(store);
});
