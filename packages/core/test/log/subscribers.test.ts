import { expect, test } from 'vitest';
import type { CommittedEntry } from '../../src/log/types.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, event, numbers, openLog, wait } from './harness.ts';

test('listeners are told of each durable entry and each note', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const entries: CommittedEntry[] = [];
  const sizes: number[] = [];
  log.on('entry', (entry) => entries.push(entry));
  log.on('checkpoint', ({ size, note }) => {
    expect(note.split('\n')[1]).toBe(String(size));
    sizes.push(size);
  });
  const receipt = await log.record(event(1));
  await log.record(event(2));
  expect(entries[0]).toMatchObject({
    seq: receipt.seq,
    hash: receipt.hash,
    entry: { id: receipt.id, data: { n: 1 } },
  });
  await log.close();
  expect(sizes).toEqual([2, 3, 4]);
  expect(entries.map(({ entry }) => entry)).toEqual((await checkLog(store)).slice(1));
});

test('a listener that throws or rejects harms neither the log nor the other listeners', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const told: number[] = [];
  const errors: Error[] = [];
  log.on('checkpoint', () => {
    throw new Error('listener one');
  });
  log.on('checkpoint', (async () => Promise.reject(new Error('listener two'))) as () => void);
  log.on('checkpoint', ({ size }) => told.push(size));
  log.on('error', () => {
    throw new Error('even this one');
  });
  log.on('error', (error) => errors.push(error));
  await log.record(event(1));
  await wait(1);
  expect(told).toEqual([2]);
  expect(errors.map(({ cause }) => (cause as Error).message)).toEqual(['listener one', 'listener two']);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1]);
});

test('the function on() returns unsubscribes', async () => {
  const log = await openLog();
  let told = 0;
  const stop = log.on('checkpoint', () => told++);
  await log.record(event(1));
  stop();
  stop();
  await log.record(event(2));
  expect(told).toBe(1);
  await log.close();
});

test('an unknown name and what is no function are refused by name', async () => {
  const log = await openLog();
  expect(() => log.on('entries' as 'entry', () => {})).toThrow(RangeError);
  expect(() => log.on('entry', 'listener' as never)).toThrow(TypeError);
  await log.close();
});

test('a listener may record: its own entries do not deadlock the log', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  let left = 3;
  log.on('entry', ({ entry }) => {
    if (entry.type === 'data.update' && left-- > 0) log.emit(event(100 + left));
  });
  await log.record(event(1));
  while (left > 0) await wait(1);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1, 102, 101, 100]);
});
