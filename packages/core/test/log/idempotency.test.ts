import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AuditError } from '../../src/errors.ts';
import { createPreparer } from '../../src/event/prepare.ts';
import { IdIndex } from '../../src/log/id-index.ts';
import { Idempotency } from '../../src/log/idempotency.ts';
import { IDEMPOTENCY_WINDOW } from '../../src/log/options.ts';
import type { Receipt } from '../../src/log/types.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { createRedactor } from '../../src/privacy/redactor.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, deferred, event, FaultyStore, gaps, numbers, openLog, until, wait } from './harness.ts';

describe('the same id and content', () => {
  test('recorded twice is one entry, and the second receipt has the newest checkpoint', async () => {
    const store = createMemoryStore();
    const log = await openLog({ store });
    const first = await log.record(event(1, { id: 'a' }));
    await log.record(event(2));
    const second = await log.record(event(1, { id: 'a' }));
    expect(second).toEqual({ ...first, checkpoint: log.info().checkpoint });
    expect(second.checkpoint).not.toBe(first.checkpoint);
    await log.close();
    expect(numbers(await checkLog(store))).toEqual([1, 2]);
  });

  test('sent several times at once is one entry with one receipt for all', async () => {
    const store = createMemoryStore();
    const log = await openLog({ store });
    await log.record(event(0, { id: 'awake' }));
    const receipts = await Promise.all([1, 2, 3].map(() => log.record(event(1, { id: 'a' }))));
    expect(receipts).toEqual([receipts[0], receipts[0], receipts[0]]);
    await log.close();
    expect(numbers(await checkLog(store))).toEqual([0, 1]);
  });

  test('emitted and then recorded while it is on its way is one entry', async () => {
    const store = new FaultyStore();
    const log = await openLog({ store });
    const gate = deferred();
    store.beforeAppend = () => gate.promise;
    const id = log.emit(event(1));
    const receipt = log.record(event(1, { id }));
    log.emit(event(1, { id }));
    await wait(10);
    gate.resolve();
    expect(await receipt).toMatchObject({ seq: 1, id });
    expect(log.health().lost).toEqual({});
    await log.close();
    expect(numbers(await checkLog(store))).toEqual([1]);
  });

  test('sent again after the log was closed and opened is found in it', async () => {
    const store = createMemoryStore();
    const log = await openLog({ store });
    const first = await log.record(event(1, { id: 'a' }));
    const made = await log.record(event(2));
    await log.close();
    const again = await openLog({ store: store.reopen() });
    expect(await again.record(event(1, { id: 'a' }))).toMatchObject({ seq: first.seq, hash: first.hash });
    expect(await again.record(event(2, { id: made.id }))).toMatchObject({ seq: made.seq, hash: made.hash });
    await again.close();
    expect(numbers(await checkLog(store))).toEqual([1, 2]);
  });

  test('holds for events with every kind of field', async () => {
    const store = createMemoryStore();
    const log = await openLog({ store });
    const full = event(1, {
      id: 'full',
      level: 'warning',
      occurredAt: '2026-01-01T00:00:00Z',
      error: { message: '"prev":"', code: '"seq":1,"time":"' },
      actor: { type: 'user', id: 'ü"' },
      trace: { requestId: '"seq":1' },
      resource: { type: 't', id: '"prev":"0"' },
      data: { prev: 'x', seq: 4, time: '2026', password: 'secret', nested: { '"seq":': [1, { time: 'a' }] } },
    });
    const first = await log.record(full);
    expect(await log.record(full)).toMatchObject({ seq: first.seq, hash: first.hash });
    await log.close();
    await checkLog(store);
  });
});

describe('the same id and other content', () => {
  test('is refused with ID_CONFLICT, committed or on its way', async () => {
    const store = createMemoryStore();
    const log = await openLog({ store });
    await log.record(event(1, { id: 'a' }));
    await expect(log.record(event(2, { id: 'a' }))).rejects.toMatchObject({ code: 'ID_CONFLICT', id: 'a' });
    const onItsWay = log.record(event(3, { id: 'b' }));
    await expect(log.record(event(4, { id: 'b' }))).rejects.toMatchObject({ code: 'ID_CONFLICT', id: 'b' });
    await onItsWay;
    await log.close();
    expect(numbers(await checkLog(store))).toEqual([1, 3]);
  });

  test('emitted is counted as lost, reported and told in log.gap', async () => {
    const store = createMemoryStore();
    const log = await openLog({ store });
    const errors: Error[] = [];
    log.on('error', (error) => errors.push(error));
    await log.record(event(1, { id: 'a' }));
    log.emit(event(2, { id: 'a' }));
    await log.flush();
    expect(errors).toMatchObject([{ code: 'ID_CONFLICT', id: 'a' }]);
    await log.close();
    const entries = await checkLog(store);
    expect(numbers(entries)).toEqual([1]);
    expect(gaps(entries)).toEqual({ conflict: 1 });
  });
});

test('only events that bring their own id wait while the last entries are read', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  await log.record(event(1, { id: 'a' }));
  await log.close();
  const reopened = new FaultyStore(store.reopen());
  const gate = deferred();
  const read = reopened.entries.bind(reopened);
  reopened.entries = async function* (from, to) {
    await gate.promise;
    yield* read(from, to);
  };
  const again = await openLog({ store: reopened });
  let known = false;
  const resent = again.record(event(1, { id: 'a' })).then((receipt) => {
    known = true;
    return receipt;
  });
  await again.record(event(2));
  await again.record(event(3));
  expect(known).toBe(false);
  gate.resolve();
  expect((await resent).seq).toBe(1);
  await again.close();
  expect(numbers(await checkLog(store))).toEqual([1, 2, 3]);
});

test('what is committed while the last entries are read is known afterwards', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  const gate = deferred();
  const read = store.entries.bind(store);
  store.entries = async function* (from, to) {
    await gate.promise;
    yield* read(from, to);
  };
  const first = log.record(event(0, { id: 'first' }));
  const id = log.emit(event(1));
  await until(() => log.info().size === 2);
  const again = log.record(event(1, { id }));
  gate.resolve();
  expect((await again).seq).toBe(1);
  expect((await first).seq).toBe(2);
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1, 0]);
});

test('where the log cannot be read the caller is told, and may send the event once more', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  const read = store.entries.bind(store);
  store.entries = () => {
    throw new Error('the disk is away');
  };
  await expect(log.record(event(1, { id: 'a' }))).rejects.toMatchObject({ code: 'STORE_IO', id: 'a' });
  log.emit(event(2, { id: 'b' }));
  await log.flush();
  expect(log.health().lost).toEqual({ unreadable: 1 });
  store.entries = read;
  expect((await log.record(event(1, { id: 'a' }))).id).toBe('a');
  await log.close();
  expect(gaps(await checkLog(store))).toEqual({ unreadable: 1 });
});

test('records that joined an event on its way share its fate when the log stops', async () => {
  const store = new FaultyStore();
  const log = await openLog({ store });
  await log.record(event(0, { id: 'awake' }));
  const gate = deferred();
  store.beforeAppend = async () => {
    await gate.promise;
    throw new AuditError('FENCED', 'another writer has the log');
  };
  const all = [1, 1, 1].map(() => log.record(event(1, { id: 'a' })).catch((error: AuditError) => error.id));
  await wait(5);
  gate.resolve();
  expect(await Promise.all(all)).toEqual(['a', 'a', 'a']);
  await log.close();
  await checkLog(store);
});

describe('further back than is remembered', () => {
  test('a re-send that says the log size it knew is found on disk; without it, it is a new event', async () => {
    const store = createMemoryStore();
    const log = await openLog({ store });
    const knownSize = log.info().size;
    const old = await log.record(event(1, { id: 'old' }));
    for (let n = 0; n < IDEMPOTENCY_WINDOW + 10; n++) {
      log.emit(event(n));
      if (n % 8_192 === 0) await log.flush();
    }
    await log.close();
    const again = await openLog({ store: store.reopen() });
    expect(await again.record(event(1, { id: 'old' }), { knownSize })).toMatchObject({
      seq: old.seq,
      hash: old.hash,
    });
    await expect(again.record(event(2, { id: 'old' }), { knownSize })).rejects.toMatchObject({
      code: 'ID_CONFLICT',
    });
    await expect(again.record(event(3), { knownSize: -1 })).rejects.toThrow(RangeError);
    const { size } = again.info();
    expect((await again.record(event(1, { id: 'old' }))).seq).toBe(size);
    await again.close();
    expect(await again.verify({ hashesOnly: true })).toMatchObject({ verdict: 'intact', size: size + 2 });
  });

  test('a re-send is found from the log size it knew', async () => {
    const store = createMemoryStore();
    const log = await openLog({ store });
    const old = await log.record(event(1, { id: 'old' }));
    for (let n = 2; n < 12; n++) await log.record(event(n));
    await log.close();
    const index = new IdIndex(4);
    const { size } = await store.head();
    await index.wake(
      size,
      () => [],
      (from, to) => store.entries(from, to),
    );
    expect(index.from).toBe(size - 4);
    const idempotency = new Idempotency(index, store, nodeHasher);
    const prepare = createPreparer({ redactor: createRedactor(), hasher: nodeHasher, newId: () => 'unused' });
    const prepared = prepare(event(1, { id: 'old' }));
    expect(idempotency.isImmediate(prepared, undefined)).toBe(true);
    expect(idempotency.isImmediate(prepared, 1)).toBe(false);
    expect(await idempotency.recorded(prepared, 1)).toEqual({ seq: old.seq, hash: old.hash });
    expect(await idempotency.recorded(prepared, 2)).toBeNull();
    await expect(idempotency.recorded(prepare(event(9, { id: 'old' })), 0)).rejects.toMatchObject({
      code: 'ID_CONFLICT',
    });
  });

  test('what is committed while the last entries are still being read is remembered, however much it is', async () => {
    const index = new IdIndex(4);
    const gate = deferred();
    const ready = index.wake(
      10,
      () => [],
      async function* (from, to) {
        await gate.promise;
        for (let seq = from; seq < to; seq++) yield { seq, text: `{"id":"id-${seq}"}` };
      },
    );
    for (let seq = 10; seq < 16; seq++) index.add(`id-${seq}`, seq);
    gate.resolve();
    await ready;
    for (let seq = index.from; seq < 16; seq++) expect(index.find(`id-${seq}`)).toBe(seq);
  });

  test('the index remembers at least its window and at most twice as much', async () => {
    const index = new IdIndex(10);
    await index.wake(
      0,
      () => [],
      async function* () {},
    );
    for (let seq = 0; seq < 95; seq++) {
      index.add(`id-${seq}`, seq);
      for (let back = 0; back < 10 && back <= seq; back++)
        expect(index.find(`id-${seq - back}`)).toBe(seq - back);
      expect(index.find(`id-${seq - 20}`)).toBeUndefined();
      expect(seq - index.from).toBeLessThan(20);
      if (index.from > 0) expect(index.find(`id-${index.from}`)).toBe(index.from);
    }
  });
});

test('any mixture of sends behaves like a map from id to the first content', async () => {
  const send = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', undefined),
    content: fc.integer({ min: 0, max: 2 }),
    how: fc.constantFrom('record', 'emit'),
    pause: fc.constantFrom('none', 'tick', 'committed', 'reopened'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(send, { maxLength: 25 }), async (sends) => {
      const memory = createMemoryStore();
      let log = await openLog({ store: memory });
      const model = new Map<string, number>();
      const expected: [Promise<Receipt | string>, string | undefined, boolean][] = [];
      let unnamed = 0;
      let conflicts = 0;
      for (const { id, content, how, pause } of sends) {
        const conflict = id !== undefined && model.has(id) && model.get(id) !== content;
        if (id === undefined) unnamed++;
        else if (!model.has(id)) model.set(id, content);
        const sent = event(content, id === undefined ? {} : { id });
        if (how === 'record') {
          const result = log.record(sent).catch((error: AuditError) => error.code);
          expected.push([result, id, conflict]);
        } else {
          log.emit(sent);
          if (conflict) conflicts++;
        }
        if (pause === 'tick') await wait(0);
        if (pause === 'committed' || pause === 'reopened') await log.flush();
        if (pause === 'reopened') {
          await log.close();
          log = await openLog({ store: memory.reopen() });
        }
      }
      await log.close();
      const entries = await checkLog(memory);
      const bySeq = new Map(entries.map((entry) => [entry.seq, entry]));
      for (const [result, id, conflict] of expected) {
        const outcome = await result;
        if (conflict) expect(outcome).toBe('ID_CONFLICT');
        else expect(bySeq.get((outcome as Receipt).seq)!.id).toBe(id ?? (outcome as Receipt).id);
      }
      const named = entries.filter(({ id }) => model.has(id));
      expect(new Map(named.map(({ id, data }) => [id, data!.n]))).toEqual(model);
      expect(numbers(entries)).toHaveLength(model.size + unnamed);
      expect(gaps(entries).conflict ?? 0).toBe(conflicts);
    }),
    { numRuns: 60 },
  );
});
