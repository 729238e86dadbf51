import { expect, test } from 'vitest';
import { getAuditContext, withAuditContext } from '../../src/log/context.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, event, openLog, wait } from './harness.ts';

const ALICE = { type: 'user', id: 'alice' };
const BOB = { type: 'user', id: 'bob' };

test('events recorded inside of a context carry its actor and trace, across asynchronous calls', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  await withAuditContext({ actor: ALICE, trace: { requestId: 'r1' } }, async () => {
    await wait(1);
    await log.record(event(1));
    log.emit(event(2));
  });
  await log.record(event(3));
  await log.close();
  const entries = await checkLog(store);
  for (const n of [1, 2]) {
    expect(entries[n]).toMatchObject({ data: { n }, actor: ALICE, trace: { requestId: 'r1' } });
  }
  expect(entries[3]!.actor).toBeUndefined();
  expect(entries[3]!.trace).toBeUndefined();
});

test('what an event says itself wins over the context', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  await withAuditContext({ actor: ALICE, trace: { requestId: 'r1' } }, () =>
    log.record(event(1, { actor: BOB, trace: { requestId: 'r2' } })),
  );
  await log.close();
  expect((await checkLog(store))[1]).toMatchObject({ actor: BOB, trace: { requestId: 'r2' } });
});

test('nested contexts merge: the inner actor replaces, traces are merged field by field', () => {
  withAuditContext({ actor: ALICE, trace: { requestId: 'r1', traceId: 't1' } }, () => {
    withAuditContext({ trace: { traceId: 't2', spanId: 's2' } }, () => {
      expect(getAuditContext()).toEqual({
        actor: ALICE,
        trace: { requestId: 'r1', traceId: 't2', spanId: 's2' },
      });
      withAuditContext({ actor: BOB }, () => expect(getAuditContext()?.actor).toEqual(BOB));
    });
    expect(getAuditContext()?.trace).toEqual({ requestId: 'r1', traceId: 't1' });
  });
  expect(getAuditContext()).toBeUndefined();
});

test('withAuditContext returns what the function returns, and lets its error through', async () => {
  expect(withAuditContext({}, () => 7)).toBe(7);
  await expect(withAuditContext({}, async () => Promise.reject(new Error('inside')))).rejects.toThrow(
    'inside',
  );
});

test('contexts that run side by side do not see each other', async () => {
  const seen = await Promise.all(
    ['a', 'b', 'c'].map((requestId, i) =>
      withAuditContext({ trace: { requestId } }, async () => {
        await wait(5 - i);
        return getAuditContext()?.trace?.requestId;
      }),
    ),
  );
  expect(seen).toEqual(['a', 'b', 'c']);
});

test('an actor that becomes known later is seen inside of nested contexts too', () => {
  const request: { actor?: typeof ALICE } = {};
  withAuditContext({ actor: BOB, trace: { requestId: 'r1' } }, () =>
    withAuditContext(request, () => {
      expect(getAuditContext()?.actor).toBe(BOB);
      request.actor = ALICE;
      expect(getAuditContext()?.actor).toBe(ALICE);
    }),
  );
});
