import { expect, test } from 'vitest';
import {
  assertIntact,
  assertRecorded,
  createTestLog,
  findEntry,
  fixedClock,
  TEST_SECRET,
  testSigner,
} from '../../src/testing/index.ts';
import { checkLog, event } from './harness.ts';

test('a test log is the same to the last byte in every run', async () => {
  const notes: string[] = [];
  for (let run = 0; run < 2; run++) {
    const log = await createTestLog();
    await log.record(event(1));
    log.clock.advance(250);
    log.emit(event(2));
    await log.close();
    notes.push(log.info().checkpoint!);
    const entries = await checkLog(log.store);
    expect(entries.map(({ id }) => id.slice(-2))).toEqual(['01', '02', '03', '04']);
    expect(entries[2]!.time).toBe('2026-01-01T00:00:00.250Z');
  }
  expect(notes[0]).toBe(notes[1]);
});

test('a test log opened again on the same store goes on with new ids', async () => {
  const first = await createTestLog();
  await first.close();
  const again = await createTestLog({ store: first.store.reopen(), clock: first.clock });
  await assertIntact(again);
  await again.close();
  await checkLog(again.store);
});

test('the key of tests is the published one', () => {
  // Public key of RFC 8032 §7.1, TEST 1, behind the type byte of Ed25519.
  expect(TEST_SECRET).toHaveLength(64);
  const publicPart = Buffer.from(testSigner('a').key.vkey.split('+').slice(2).join('+'), 'base64').toString(
    'hex',
  );
  expect(publicPart).toBe('01d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
});

test('findEntry waits for what was emitted and compares in part', async () => {
  const log = await createTestLog();
  log.emit(
    event(1, { actor: { type: 'user', id: 'alice', ip: '10.0.0.1' }, data: { n: 1, tags: ['a', 'b'] } }),
  );
  expect(await findEntry(log, { type: 'data.update', actor: { id: 'alice' } })).toMatchObject({ seq: 1 });
  expect(await findEntry(log, { data: { tags: ['a', 'b'] } })).toMatchObject({ seq: 1 });
  expect(await findEntry(log, { data: { tags: ['a'] } })).toBeUndefined();
  expect(await findEntry(log, { actor: { id: 'bob' } })).toBeUndefined();
  await log.close();
});

test('assertRecorded returns the entry, and says what the log holds where there is none', async () => {
  const log = await createTestLog();
  await log.record(event(1));
  expect((await assertRecorded(log, { operation: 'set' })).seq).toBe(1);
  await expect(assertRecorded(log, { operation: 'delete' })).rejects.toThrow(
    /"delete"[\s\S]*1 data\.update set success/,
  );
  await log.close();
  expect((await assertRecorded(log, { type: 'log.close' })).seq).toBe(2);
});

test('assertIntact passes on a good log and names what is wrong with a bad one', async () => {
  const log = await createTestLog();
  await log.record(event(1));
  await assertIntact(log);
  const read = log.store.entries.bind(log.store);
  log.store.entries = async function* (from, to) {
    for await (const { seq, text } of read(from, to)) yield { seq, text: text.replace('"n":1', '"n":2') };
  };
  await expect(assertIntact(log)).rejects.toThrow(/tampered[\s\S]*entry-modified at 1/);
  log.store.entries = read;
  await log.close();
  await checkLog(log.store);
});

test('a fixed clock stands still, goes on when told, and can be set', () => {
  const clock = fixedClock('2026-05-01T00:00:00Z');
  expect(clock.now()).toBe(clock.now());
  clock.advance(10);
  clock.set(-3);
  expect(clock.now() - Date.parse('2026-05-01T00:00:00Z')).toBe(7);
  expect(clock.monotonic()).toBe(10);
  expect(() => clock.advance(-1)).toThrow(RangeError);
  expect(() => fixedClock('never')).toThrow(RangeError);
});
