import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setAuditLog, withAuditContext } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import winston from 'winston';
import { AuditTransport, type AuditTransportError, type AuditTransportOptions } from '../src/index.ts';
import { ended, inDirectory, start } from './child.ts';
import { left, openShop, records, settled } from './shop.ts';

let spoolDirectory: string;
beforeEach(async () => {
  spoolDirectory = await mkdtemp(join(tmpdir(), 'audit-spool-'));
});
afterEach(async () => {
  setAuditLog(undefined);
  await rm(spoolDirectory, { recursive: true });
});

const file = () => join(spoolDirectory, 'winston.spool');
const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n));
const operations = (entries: readonly { readonly operation: string }[]) =>
  entries.map(({ operation }) => operation);
const spooling = (more: AuditTransportOptions = {}): AuditTransportOptions => ({
  overload: 'spool',
  spoolDirectory,
  ...more,
});

/** A logger whose log is not there yet. */
function early(more: AuditTransportOptions = {}) {
  const transport = new AuditTransport({ select: 'all', ...spooling(more) });
  const logger = winston.createLogger({ transports: [transport] });
  const warnings: AuditTransportError[] = [];
  logger.on('warn', (error: AuditTransportError) => warnings.push(error));
  return { transport, logger, warnings };
}

test('without overload there is no file', async () => {
  await using shop = await openShop({ transport: spooling() });
  for (const n of numbers(100)) shop.logger.info(n);
  expect(operations(await shop.entries())).toEqual(numbers(100));
  shop.logger.end();
  await once(shop.logger, 'finish');
  expect(await readdir(spoolDirectory)).toEqual([]);
});

test.each(['spool', 'sync'] as const)(
  '%s: what finds no log waits in a private file, in order, and is gone from it once it is durable',
  async (overload) => {
    const { logger, transport, warnings } = early({ overload });
    for (const n of numbers(700)) logger.info(n, { password: 'hunter2-hunter2' });
    await settled();
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    const text = await readFile(file(), 'utf8');
    expect(text.split('\n')).toHaveLength(701);
    expect(text).not.toContain('hunter2');
    await expect(transport.flush()).rejects.toThrow('700 records wait in the spool');
    const log = await createTestLog();
    setAuditLog(log);
    logger.info('700');
    logger.end();
    await once(logger, 'finish');
    const { size } = log.info();
    const entries = await records(log);
    expect(operations(entries)).toEqual(numbers(701));
    expect(log.info().size).toBe(size);
    expect(entries[0]?.occurredAt).toMatch(/Z$/);
    expect(await readdir(spoolDirectory)).toEqual(['winston.spool.key']);
    expect(warnings).toEqual([]);
    await log.close();
  },
);

test('each keeps the actor and trace of the call that logged it', async () => {
  const { logger } = early();
  for (const id of ['u1', 'u2']) {
    withAuditContext({ actor: { type: 'user', id }, trace: { requestId: `r-${id}` } }, () => logger.info(id));
  }
  logger.info('nobody');
  await settled();
  const log = await createTestLog();
  setAuditLog(log);
  withAuditContext({ actor: { type: 'user', id: 'waker' } }, () => logger.end());
  await once(logger, 'finish');
  const entries = await records(log);
  expect(entries.map(({ operation, actor, trace }) => [operation, actor?.id, trace?.requestId])).toEqual([
    ['u1', 'u1', 'r-u1'],
    ['u2', 'u2', 'r-u2'],
    ['nobody', undefined, undefined],
  ]);
  await log.close();
});

test('a loop that never gives way to the event loop loses nothing, and its order', async () => {
  await using shop = await openShop({ transport: spooling(), log: { queueEvents: 100 } });
  await settled();
  for (let n = 0; n < 6_000; n++) shop.logger.info(String(n));
  expect(await readdir(spoolDirectory)).toContain('winston.spool');
  shop.logger.end();
  await once(shop.logger, 'finish');
  const found = operations(await records(shop.log));
  expect(found).toHaveLength(6_000);
  expect(found.findIndex((operation, n) => operation !== String(n))).toBe(-1);
  expect(shop.warnings).toEqual([]);
});

test('beyond its bound records are dropped, and told', async () => {
  const { logger, transport, warnings } = early({ spoolRecords: 10 });
  for (const n of numbers(25)) logger.info(n);
  await settled();
  await transport.flush().catch(() => {});
  await settled();
  expect(warnings.map(({ code }) => code)).toContain('NOT_RECORDED');
  expect(warnings.reduce((sum, { lost }) => sum + lost, 0)).toBe(15);
  const log = await createTestLog();
  setAuditLog(log);
  logger.end();
  await once(logger, 'finish');
  expect(operations(await records(log))).toEqual(numbers(10));
  await log.close();
});

test('what a log that was closed too early does not take is for its successor', async () => {
  const store = await (async () => {
    await using shop = await openShop({ transport: spooling() });
    shop.logger.info('0');
    await shop.entries();
    await shop.log.close();
    shop.logger.info('1');
    shop.logger.info('2');
    await settled();
    shop.logger.close();
    return shop.log.store;
  })();
  const log = await createTestLog({ store: store.reopen() });
  const transport = new AuditTransport({ log, select: 'all', ...spooling() });
  await transport.flush();
  expect(operations(await records(log))).toEqual(['0', '1', '2']);
  transport.close();
  await log.close();
});

test('damaged lines go to quarantine, are told, and hold up nobody', async () => {
  const first = early();
  for (const n of numbers(3)) first.logger.info(n);
  await settled();
  first.logger.close();
  const [a, b, c] = (await readFile(file(), 'utf8')).split('\n');
  await writeFile(file(), `${a}\n${b?.replace('"1"', '"7"')}\n${c}\n`);
  await appendFile(file(), 'half a li');
  const log = await createTestLog();
  const { logger, warnings } = early({ log });
  logger.info('3');
  logger.end();
  await once(logger, 'finish');
  expect(operations(await records(log))).toEqual(['0', '2', '3']);
  expect((await readFile(join(spoolDirectory, 'winston.spool.quarantine'), 'utf8')).split('\n')).toHaveLength(
    3,
  );
  await settled();
  expect(warnings.reduce((sum, { lost }) => sum + lost, 0)).toBe(2);
  await log.close();
});

describe('one directory is for one transport of a process', () => {
  test('at a time', () => {
    const first = new AuditTransport(spooling());
    expect(() => new AuditTransport(spooling())).toThrow('is used by another transport of this process');
    first.close();
    new AuditTransport(spooling()).close();
  });

  test.each([
    [{ overload: 'spool' }, "options.overload 'spool' needs a spoolDirectory"],
    [{ overload: 'block' }, "options.overload must be 'drop', 'spool' or 'sync'"],
    [{ spoolDirectory: 'x' }, "options.spoolDirectory needs overload: 'spool' or 'sync'"],
    [{ overload: 'sync', spoolDirectory: 'x', spoolRecords: 1 }, 'options.spoolRecords is for'],
    [{ overload: 'spool', spoolDirectory: 'x', spoolRecords: 0 }, 'options.spoolRecords must be'],
  ])('%j is refused', (options, message) => {
    expect(() => new AuditTransport(options as never)).toThrow(message);
  });
});

test('a process killed while the log takes what was spooled loses nothing, and nothing enters twice', async () => {
  const RECORDS = 1_500;
  const PART = RECORDS / 6;
  for (const overload of ['spool', 'sync']) {
    await inDirectory(async (directory) => {
      for (let life = 0; life < 6; life++) {
        const child = start('spooler.mjs', [directory, String(life * PART), String(PART), overload]);
        let signed = 0;
        createInterface({ input: child.stdout }).on('line', (line) => {
          if (line === 'signed' && ++signed === life * 3 + 1 && life < 5) child.kill('SIGKILL');
        });
        const { code, signal, err } = await ended(child);
        expect([life < 5 ? signal : code, err]).toEqual([life < 5 ? 'SIGKILL' : 0, '']);
      }
      expect(operations(await left(directory))).toEqual(numbers(RECORDS));
    });
  }
}, 300_000);
