import { type AuditError, type AuditEvent, type AuditLog, createMemoryStore } from '@audit/core';
import { assertIntact, createTestLog } from '@audit/core/testing';
import { expect, it } from 'vitest';
import { Scribe } from '../src/scribe.ts';

const event = (n: number): AuditEvent => ({
  id: `docker:${n}`,
  type: 'container.start',
  operation: 'start',
  resource: { type: 'container', id: `c${n}` },
  outcome: 'success',
});

/** A scribe of a real log, and what it has told. */
async function scribe(log: AuditLog) {
  const told: string[] = [];
  const made = new Scribe(log, {
    recorded: ({ id }) => told.push(`recorded ${id}`),
    repeated: () => told.push('repeated'),
    failed: (failed, error) => told.push(`failed ${failed?.id} ${(error as AuditError).code}`),
  });
  return { scribe: made, told };
}

it('an event the log has already is no failure, with the same words or with others', async () => {
  const log = await createTestLog();
  const { scribe: hand, told } = await scribe(log);
  await hand.write([event(1)]);
  await hand.write([event(1), { ...event(1), outcome: 'failure' }, event(2)]);
  expect([...told].sort()).toEqual([
    'recorded docker:1',
    'recorded docker:1',
    'recorded docker:2',
    'repeated',
  ]);
  await assertIntact(log);
  expect(log.info().size).toBe(3);
  await log.close();
});

it('an event that is none is told, and does not hold up those behind it', async () => {
  const log = await createTestLog();
  const { scribe: hand, told } = await scribe(log);
  await hand.write([{ ...event(1), operation: '' }, event(2)]);
  expect(told).toContain('failed docker:1 EVENT_INVALID');
  expect(told).toContain('recorded docker:2');
  await log.close();
});

it('a log that has no room is asked again until it has, in order', async () => {
  const store = createMemoryStore();
  const log = await createTestLog({ store, queueEvents: 1, queueTimeout: 20 });
  const append = store.append.bind(store);
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  store.append = async (...args) => {
    await gate;
    return append(...args);
  };
  const { scribe: hand, told } = await scribe(log);
  const written = hand.write([event(1), event(2), event(3)]);
  setTimeout(open, 200);
  await written;
  expect(told).toEqual(['recorded docker:1', 'recorded docker:2', 'recorded docker:3']);
  const order: string[] = [];
  for await (const { id } of log.entries({ type: 'container.*' })) order.push(id);
  expect(order).toEqual(['docker:1', 'docker:2', 'docker:3']);
  await log.close();
});

it('a log that is closed is given up', async () => {
  const log = await createTestLog();
  const { scribe: hand, told } = await scribe(log);
  await log.close();
  await hand.write([event(1)]);
  expect(await hand.gap({ reason: 'docker-events' })).toBe(false);
  expect(told).toEqual(['failed docker:1 LOG_CLOSED', 'failed undefined LOG_CLOSED']);
  expect(hand.ended).toMatchObject({ code: 'LOG_CLOSED' });
});

it('whoever stops does not ask a log again that is busy', async () => {
  const store = createMemoryStore();
  const log = await createTestLog({ store, queueEvents: 1, queueTimeout: 20 });
  const append = store.append.bind(store);
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  store.append = async (...args) => {
    await gate;
    return append(...args);
  };
  const { scribe: hand, told } = await scribe(log);
  hand.giveUp();
  setTimeout(open, 200);
  await hand.write([event(1), event(2), event(3)]);
  expect(told.filter((each) => each.startsWith('failed'))).toContain('failed docker:3 QUEUE_FULL');
  await log.close();
});
