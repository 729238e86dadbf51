import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import { BatchMaker, seal, storeConformance } from './conformance.ts';

storeConformance('the memory store', async () => {
  const store = createMemoryStore();
  return { store, reopen: async () => store.reopen() };
});

test('of two writers on one memory store exactly one wins each size', async () => {
  const one = createMemoryStore();
  const two = one.reopen();
  const results = await Promise.allSettled([
    one.append(0, new BatchMaker().next(2, 'one'), seal),
    two.append(0, new BatchMaker().next(2, 'two'), seal),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect((await two.head()).size).toBe(2);
});

test('a batch behind a failed one fails even where another writer brought the log to the size it expects', async () => {
  const one = createMemoryStore();
  const two = one.reopen();
  const maker = new BatchMaker();
  const refuse = async () => {
    throw new Error('the signer refuses');
  };
  const failed = one.append(0, maker.next(2, 'one'), refuse).catch((error: Error) => error.message);
  const behind = one.append(2, maker.next(2, 'one'), seal).catch((error: Error) => error.name);
  const rival = failed.then(() => two.append(0, new BatchMaker().next(2, 'two'), seal));
  expect(await failed).toBe('the signer refuses');
  expect(await behind).toBe('StoreConflictError');
  await rival;
  expect((await one.head()).size).toBe(2);
});
