import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AuditError } from '../../src/errors.ts';
import { openAuditLog } from '../../src/log/open.ts';
import type { AuditLog } from '../../src/log/types.ts';
import {
  checkLog,
  deferred,
  event,
  FaultyStore,
  gaps,
  MoodySigner,
  numbers,
  openLog,
  types,
  until,
} from '../log/harness.ts';
import { reopened, Workplace } from './spooled-log.ts';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'recorded',
    (error: AuditError) => error.code,
  );

/** Nothing is lost, nothing twice, in order, and the spool is empty. */
async function expectAll(work: Workplace, store: FaultyStore, count: number): Promise<void> {
  const entries = await checkLog(store);
  expect(numbers(entries)).toEqual(range(0, count));
  expect(gaps(entries)).toEqual({});
  expect(await work.files()).toEqual([]);
}

/** A store that nothing can be appended to. */
function shut(store: FaultyStore): () => void {
  const gate = deferred();
  store.beforeAppend = () => gate.promise;
  return () => {
    store.beforeAppend = () => {};
    gate.resolve();
  };
}

test('what is emitted into a full queue waits in a private file, and follows in order', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const log = await work.open(store, { queueEvents: 100 });
  const open = shut(store);
  for (const n of range(0, 250)) log.emit(event(n, { data: { n, password: 'hunter2-hunter2' } }));
  await until(() => log.health().spooled.events === 150);
  expect(log.health()).toMatchObject({
    status: 'degraded',
    lost: {},
    spooled: { events: 150, reason: expect.any(String) },
  });
  await until(() => log.health().spooled.bytes > 0);
  while ((await work.lines()).length < 150) await new Promise((resolve) => setImmediate(resolve));
  const lines = await work.lines();
  expect(lines[0]).toMatch(/^[0-9a-f]{64} \{"at":"[^"]+Z","own":false,"size":1,"event":\{.*"n":100,.*\}\}$/);
  expect(lines.join('')).not.toContain('hunter2');
  for (const name of ['spool.key', ...(await work.files())])
    expect((await stat(join(work.spool, name))).mode & 0o777, name).toBe(0o600);
  expect((await stat(work.spool)).mode & 0o777).toBe(0o700);
  open();
  await log.flush();
  expect(log.health()).toMatchObject({ status: 'ok', spooled: { events: 0, bytes: 0, reason: null } });
  for (const n of range(250, 260)) log.emit(event(n, { data: { n } }));
  await log.close();
  await expectAll(work, store, 260);
  const entries = await checkLog(store);
  const spooled = entries.find(({ data }) => data?.n === 100)!;
  expect(spooled.occurredAt! <= spooled.time).toBe(true);
  expect(entries.find(({ data }) => data?.n === 0)!.occurredAt).toBeUndefined();
});

test('what comes while others wait in the spool waits behind them', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const log = await work.open(store, { queueEvents: 10, batchEvents: 3 });
  let next = 0;
  const emit = async (count: number) => {
    for (const n of range(0, count)) {
      log.emit(event(next++));
      if (n % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  for (let round = 0; round < 5; round++) {
    const open = shut(store);
    await emit(100);
    open();
    await emit(100);
  }
  await log.flush();
  await emit(5);
  await log.close();
  await expectAll(work, store, 1_005);
});

test('a record that finds no room is told SPOOLED once it is durable, is there once, and can be asked for again', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const log = await work.open(store, { queueEvents: 1, queueTimeout: 20 });
  const open = shut(store);
  log.emit(event(0));
  const error = await log.record(event(1, { id: 'mine' })).catch((reason: AuditError) => reason);
  expect(error).toMatchObject({ code: 'SPOOLED', id: 'mine' });
  expect(await work.lines()).toHaveLength(1);
  // The same again is the same; another event under its id is told so.
  expect(await codeOf(log.record(event(1, { id: 'mine' })))).toBe('SPOOLED');
  expect(await codeOf(log.record(event(2, { id: 'mine' })))).toBe('ID_CONFLICT');
  open();
  await log.flush();
  const receipt = await log.record(event(1, { id: 'mine' }));
  expect(receipt.seq).toBe(2);
  await log.close();
  await expectAll(work, store, 2);
});

test('while the signer is away what is emitted is copied to the spool, record is told SPOOLED, and each is there once', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const signer = new MoodySigner();
  const log = await work.open(store, { signer, signerTimeout: 30 });
  signer.mood = 'down';
  for (const n of range(0, 20)) log.emit(event(n));
  expect(await codeOf(log.record(event(20)))).toBe('SPOOLED');
  for (const n of range(21, 30)) log.emit(event(n));
  await until(() => log.health().spooled.events === 30);
  expect(log.health().spooled.reason).toBe('the signer is away');
  while ((await work.lines()).length < 30) await new Promise((resolve) => setImmediate(resolve));
  signer.mood = 'up';
  await log.flush();
  expect(log.health()).toMatchObject({ status: 'ok', lost: {} });
  await log.close();
  await expectAll(work, store, 30);
});

test('the same for a store that fails, and for one that has the events after all', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const log = await work.open(store, { queueTimeout: 30 });
  let fails = true;
  store.afterAppend = () => {
    if (fails) throw new Error('the answer of the store was lost');
  };
  store.beforeHead = () => {
    if (fails) throw new Error('the store is away');
  };
  for (const n of range(0, 20)) log.emit(event(n));
  expect(await codeOf(log.record(event(20)))).toBe('SPOOLED');
  log.emit(event(21));
  expect(log.health().spooled.reason).toBe('the store is away');
  fails = false;
  await log.flush();
  await log.close();
  await expectAll(work, store, 22);
});

test('what a store had taken after all is not recorded again from its copies by the next run', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const log = await work.open(store, { queueTimeout: 30, batchEvents: 4 });
  store.afterAppend = () => {
    throw new Error('the answer of the store was lost');
  };
  store.beforeHead = () => {
    throw new Error('the store is away');
  };
  for (const n of range(0, 20)) log.emit(event(n, n % 3 === 0 ? { id: `own-${n}` } : {}));
  expect(await codeOf(log.record(event(20, { id: 'own-20' })))).toBe('SPOOLED');
  log.emit(event(21));
  await expect(log.close()).rejects.toMatchObject({
    code: 'COMMIT_UNCERTAIN',
    message: expect.stringContaining('in the spool'),
  });
  expect(numbers(await checkLog(store)).length).toBeGreaterThan(0);
  expect(await work.lines()).toHaveLength(22);
  const again = await work.open(reopened(store));
  expect(again.health().lost).toEqual({});
  // With the time they were spooled or without it, they are the events that were handed in.
  expect((await again.record(event(0, { id: 'own-0' }))).id).toBe('own-0');
  expect((await again.record(event(20, { id: 'own-20' }))).id).toBe('own-20');
  await again.close();
  const entries = await checkLog(reopened(store));
  // The first that brought an id of its own waited until the log had been looked into, so not in the order they came in.
  expect([...numbers(entries)].sort((a, b) => Number(a) - Number(b))).toEqual(range(0, 22));
  expect(gaps(entries)).toEqual({});
  expect(await work.files()).toEqual([]);
});

test('an id that is in the queue and comes again while the store is away is one event', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const log = await work.open(store, { queueTimeout: 30 });
  await log.record(event(0, { id: 'wakes the memory of ids' }));
  let fails = true;
  store.beforeAppend = () => {
    if (fails) throw new Error('the store is away');
  };
  log.emit(event(1, { id: 'again' }));
  expect(await codeOf(log.record(event(2)))).toBe('SPOOLED');
  log.emit(event(1, { id: 'again' }));
  log.emit(event(7, { id: 'again' }));
  fails = false;
  await log.flush();
  log.emit(event(1, { id: 'again' }));
  expect(log.health().lost).toEqual({ conflict: 1 });
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([0, 1, 2]);
});

test('a log that stopped goes on spooling; the next one records that before anything new', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const log = await work.open(store);
  store.beforeAppend = () => {
    throw new AuditError('FENCED', 'another writer has the log');
  };
  for (const n of range(0, 10)) log.emit(event(n));
  expect(await codeOf(log.record(event(10)))).toBe('SPOOLED');
  await until(() => log.health().status === 'stopped');
  for (const n of range(11, 20)) log.emit(event(n));
  expect(await codeOf(log.record(event(20)))).toBe('SPOOLED');
  expect(await codeOf(log.record(event(99), { onFailure: 'strict' }))).toBe('LOG_STOPPED');
  await expect(log.flush()).rejects.toMatchObject({ code: 'FENCED' });
  expect(log.health()).toMatchObject({ lost: {}, spooled: { events: 21 } });
  await log.close();
  const again = await work.open(reopened(store));
  for (const n of range(21, 30)) again.emit(event(n));
  await again.close();
  await expectAll(work, reopened(store), 30);
  const recovered = (await checkLog(reopened(store))).find(({ type }) => type === 'log.recover');
  expect(recovered?.data).toEqual({ possiblyLost: 2 * 65_536 });
});

test('a process that has lost the log spools on while its successor empties the spool: nothing is lost, nothing twice', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const first = await work.open(store);
  store.beforeAppend = () => {
    throw new AuditError('FENCED', 'another writer has the log');
  };
  let told = 0;
  const spool = async (log: AuditLog, n: number) => {
    if ((await codeOf(log.record(event(n)))) === 'SPOOLED') told++;
  };
  await spool(first, 0);
  await until(() => first.health().status === 'stopped');
  let next = 1;
  for (let life = 0; life < 5; life++) {
    const writing = range(next, next + 40).map((n) => spool(first, n));
    next += 40;
    const successor = await work.open(reopened(store));
    await Promise.all(writing);
    await spool(first, next++);
    await successor.close();
  }
  await first.close();
  const last = await work.open(reopened(store));
  await last.close();
  expect(told).toBe(next);
  const entries = await checkLog(reopened(store));
  expect([...numbers(entries)].sort((a, b) => Number(a) - Number(b))).toEqual(range(0, next));
  expect(await work.files()).toEqual([]);
}, 60_000);

/** Spools so many events and ends without recording them. */
async function leave(work: Workplace, store: FaultyStore, count: number): Promise<void> {
  const log = await work.open(store);
  log.divert('spool', 'a test');
  for (const n of range(0, count)) log.emit(event(n));
  await log.close();
  expect(await work.lines()).toHaveLength(count);
}

test('a line that is not of its HMAC goes to quarantine and is told; the others are recorded', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  await leave(work, store, 5);
  const [name] = await work.files();
  const path = join(work.spool, name!);
  const lines = (await readFile(path, 'utf8')).split('\n');
  const forged = lines[2]!.replace('"n":2', '"n":7');
  await writeFile(path, [lines[0], 'no line at all', forged, lines[3], lines[4], ''].join('\n'));
  const log = await work.open(reopened(store));
  expect(log.health()).toMatchObject({ status: 'ok', lost: { 'spool-damaged': 2 } });
  await log.close();
  const entries = await checkLog(reopened(store));
  expect(numbers(entries)).toEqual([0, 3, 4]);
  expect(gaps(entries)).toEqual({ 'spool-damaged': 2 });
  const quarantine = join(work.spool, '0000000001.quarantine');
  expect(entries.find(({ type }) => type === 'log.gap')?.data).toMatchObject({
    reports: [{ reason: 'spool-damaged', events: 2, data: { path: quarantine } }],
  });
  expect(await readFile(quarantine, 'utf8')).toBe(`no line at all\n${forged}\n`);
  expect(await work.files()).toEqual(['0000000001.quarantine']);
});

test('without its key all of it goes to quarantine, and is told', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  await leave(work, store, 300);
  await writeFile(
    join(work.spool, 'spool.key'),
    JSON.stringify({ origin: 'test.example/audit', key: 'ab'.repeat(32) }),
  );
  const log = await work.open(reopened(store));
  await log.close();
  const entries = await checkLog(reopened(store));
  expect(numbers(entries)).toEqual([]);
  expect(gaps(entries)).toEqual({ 'spool-damaged': 300 });
  expect(await work.files()).toEqual(['0000000001.quarantine']);
});

test('half a line at the end is dropped and counted', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  await leave(work, store, 5);
  const [name] = await work.files();
  const text = await readFile(join(work.spool, name!), 'utf8');
  await appendFile(join(work.spool, name!), text.slice(0, 300));
  const log = await work.open(reopened(store));
  await log.close();
  const entries = await checkLog(reopened(store));
  expect(numbers(entries)).toEqual(range(0, 5));
  expect(gaps(entries)).toEqual({ 'spool-torn': 1 });
  expect(await work.files()).toEqual([]);
});

test('holes and zeros of a power cut are put aside in pieces, and the lines around them stand', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  await leave(work, store, 2);
  const [name] = await work.files();
  const text = await readFile(join(work.spool, name!), 'utf8');
  const [one, two] = text.split('\n');
  await writeFile(join(work.spool, name!), `${one}\n${'\0'.repeat(3_000_000)}\n${two}\n${'\0'.repeat(10)}`);
  const log = await work.open(reopened(store));
  await log.close();
  const entries = await checkLog(reopened(store));
  expect(numbers(entries)).toEqual([0, 1]);
  // In pieces no longer than a line can be.
  expect(gaps(entries)).toEqual({ 'spool-damaged': Math.ceil(3_000_000 / 81_920), 'spool-torn': 1 });
});

test('what finds the spool full is lost and counted', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const log = await work.open(store, { queueEvents: 10, spoolEvents: 5, queueTimeout: 20 });
  const open = shut(store);
  for (const n of range(0, 25)) log.emit(event(n));
  expect(log.health().lost).toEqual({ 'spool-full': 10 });
  expect(await codeOf(log.record(event(99)))).toBe('QUEUE_FULL');
  open();
  await log.close();
  const entries = await checkLog(store);
  expect(numbers(entries)).toEqual(range(0, 15));
  expect(gaps(entries)).toEqual({ 'spool-full': 10 });
});

test('while all is diverted to the spool nothing enters the log but what it says of itself', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  const log = await work.open(store, { onFailure: 'best-effort' });
  log.divert('spool', 'the disk is 95 % full');
  log.emit(event(0));
  const error = await log.record(event(1)).catch((reason: AuditError) => reason);
  expect(error).toMatchObject({ code: 'SPOOLED', message: expect.stringContaining('the disk is 95 % full') });
  log.reportGap({ reason: 'stream-gap' });
  await expect(log.flush()).rejects.toMatchObject({ code: 'SPOOLED' });
  expect(types(await checkLog(store))).toEqual(['log.create', 'log.gap']);
  expect(log.health()).toMatchObject({
    spooled: { events: 2, reason: 'the disk is 95 % full' },
    diverted: { to: 'spool', reason: 'the disk is 95 % full' },
  });
  log.divert(null);
  await log.flush();
  expect(log.health()).toMatchObject({ status: 'ok', spooled: { events: 0 }, diverted: null });
  await log.close();
  expect(numbers(await checkLog(store))).toEqual([0, 1]);
  expect(await work.files()).toEqual([]);
});

test('a log that is closed while all is diverted keeps it for the next', async () => {
  await using work = await Workplace.make();
  const store = new FaultyStore();
  await leave(work, store, 10);
  expect(types(await checkLog(store)).at(-1)).toBe('log.close');
  const log = await work.open(reopened(store));
  await log.close();
  await expectAll(work, reopened(store), 10);
});

test('the spool of another log is left alone', async () => {
  await using work = await Workplace.make();
  await leave(work, new FaultyStore(), 5);
  const origin = 'other.example/audit';
  const other = openLog({ origin, signer: new MoodySigner(origin), spoolDirectory: work.spool });
  await expect(other).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    message: expect.stringContaining('test.example/audit'),
  });
  expect(await work.lines()).toHaveLength(5);
});

test('a spool whose folder cannot be made is known at once', async () => {
  await using work = await Workplace.make();
  const opening = openLog({ spoolDirectory: join(work.root, 'no', 'such', 'folder') });
  await expect(opening).rejects.toMatchObject({ code: 'STORE_IO' });
});

test('a log in a directory has its spool in the private side, and no folder of it before it is needed', async () => {
  await using work = await Workplace.make();
  const directory = join(work.root, 'log');
  const options = { directory, origin: 'test.example/audit', onKeyCreated: () => {} };
  const log = await openAuditLog(options);
  const folder = join(`${directory}.private`, 'spool');
  await expect(stat(folder)).rejects.toThrow('ENOENT');
  log.divert('spool', 'a test');
  expect(await codeOf(log.record(event(0)))).toBe('SPOOLED');
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await log.close();
  const again = await openAuditLog(options);
  const found: unknown[] = [];
  for await (const entry of again.entries({ type: 'data.*' })) found.push(entry.data?.n);
  expect(found).toEqual([0]);
  const report = await again.verify();
  expect(report.verdict).toBe('intact');
  await again.close();
});
