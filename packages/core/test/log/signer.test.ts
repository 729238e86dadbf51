import { expect, test } from 'vitest';
import type { AuditError } from '../../src/errors.ts';
import { checkLog, event, FaultyStore, MoodySigner, numbers, openLog, until, wait } from './harness.ts';

test('a signer that is away for a while costs nothing but time', async () => {
  const store = new FaultyStore();
  const signer = new MoodySigner();
  const log = await openLog({ store, signer });
  signer.mood = 'down';
  const recorded = log.record(event(1));
  await until(() => signer.asked >= 3);
  expect(log.health()).toMatchObject({ status: 'degraded', queued: { events: 1 } });
  expect(log.health().reasons.join()).toContain('the key service is unreachable');
  signer.mood = 'up';
  expect((await recorded).seq).toBe(1);
  expect(log.health()).toMatchObject({ status: 'ok', queued: { events: 0 } });
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1]);
});

test('records that wait longer than signerTimeout are told so with their id, and sealed when the signer is back', async () => {
  const store = new FaultyStore();
  const signer = new MoodySigner();
  const log = await openLog({ store, signer, signerTimeout: 60 });
  signer.mood = 'down';
  const outcomes = await Promise.allSettled([log.record(event(1)), log.record(event(2, { id: 'two' }))]);
  const errors = outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason as AuditError);
  expect(errors.map(({ code }) => code)).toEqual(['SIGNER_DOWN', 'SIGNER_DOWN']);
  expect(errors[1]!.id).toBe('two');
  expect(log.info().size).toBe(1);
  signer.mood = 'up';
  await log.flush();
  expect(log.info().size).toBe(3);
  expect(await log.record(event(1, { id: errors[0]!.id! }))).toMatchObject({ seq: 1 });
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1, 2]);
});

test('records handed in while the signer is away wait as long as the others', async () => {
  const store = new FaultyStore();
  const signer = new MoodySigner();
  const log = await openLog({ store, signer, signerTimeout: 100 });
  signer.mood = 'down';
  const first = log.record(event(1)).catch((error: AuditError) => error.code);
  await wait(70);
  const second = log.record(event(2));
  expect(await first).toBe('SIGNER_DOWN');
  signer.mood = 'up';
  expect((await second).seq).toBe(2);
  await log.close();
  await checkLog(store);
});

test('a signer that hangs is asked again, and its late answer would count', async () => {
  const store = new FaultyStore();
  const signer = new MoodySigner();
  const log = await openLog({ store, signer, signerTimeout: 30 });
  signer.mood = 'hanging';
  await expect(log.record(event(1))).rejects.toMatchObject({ code: 'SIGNER_DOWN' });
  await until(() => signer.asked >= 3);
  signer.mood = 'up';
  await log.flush();
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([1]);
});

test('the late answer of a signer that hung counts', async () => {
  const store = new FaultyStore();
  const signer = new MoodySigner();
  const log = await openLog({ store, signer, signerTimeout: 20 });
  const real = signer.sign.bind(signer);
  let calls = 0;
  signer.sign = (text) => (calls++ === 0 ? wait(100).then(() => real(text)) : new Promise(() => {}));
  await log.flush();
  await log.record(event(1)).catch(() => {});
  await until(() => log.info().size === 2);
  expect(calls).toBeGreaterThan(1);
  signer.sign = real;
  await log.close();
  await checkLog(store);
});

test('with allowUnsigned a durable event is acknowledged while the signer is down, and says so', async () => {
  const store = new FaultyStore();
  const signer = new MoodySigner();
  const log = await openLog({ store, signer, allowUnsigned: true });
  signer.mood = 'down';
  const receipt = await log.record(event(1));
  expect(receipt).toMatchObject({ seq: 1, checkpoint: null, unsigned: true });
  expect(log.health().status).toBe('degraded');
  signer.mood = 'up';
  await log.flush();
  await log.close();
  const entries = await checkLog(store);
  expect(entries[1]).toMatchObject({ id: receipt.id, seq: receipt.seq });
});

test('without allowUnsigned nothing unsigned is ever acknowledged', async () => {
  const store = new FaultyStore();
  const signer = new MoodySigner();
  const log = await openLog({ store, signer, signerTimeout: 20 });
  signer.mood = 'down';
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => log.record(event(n))));
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  signer.mood = 'up';
  await expect.poll(() => log.health().status).toBe('ok'); // the next try may be later than close would wait
  await log.close();
  await checkLog(store);
});

test('close gives up on a signer that stays away, says so, and lets the store go', async () => {
  const store = new FaultyStore();
  const signer = new MoodySigner();
  const log = await openLog({ store, signer, signerTimeout: 40 });
  await log.record(event(1));
  signer.mood = 'down';
  log.emit(event(2));
  await expect(log.close()).rejects.toMatchObject({ code: 'SIGNER_DOWN' });
  expect(log.health()).toMatchObject({ status: 'closed', lost: { stopped: 1 } });
  expect(numbers(await checkLog(store))).toEqual([1]);
});

test('a signer that signs with another key than it names is found out before anything is acknowledged', async () => {
  const signer = new MoodySigner();
  signer.sign = async () => new Uint8Array(64);
  await expect(openLog({ signer })).rejects.toMatchObject({
    code: 'LOG_STOPPED',
    cause: { code: 'KEY_INVALID' },
  });
});

test('opening gives up on a signer that is away', async () => {
  const store = new FaultyStore();
  const signer = new MoodySigner();
  signer.mood = 'down';
  await expect(openLog({ store, signer, signerTimeout: 30 })).rejects.toMatchObject({ code: 'SIGNER_DOWN' });
  expect((await store.memory.reopen().head()).size).toBe(0);
});
