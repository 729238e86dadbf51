import { expect, test } from 'vitest';
import winston from 'winston';
import { AuditTransport, type Selection } from '../src/index.ts';
import { openShop } from './shop.ts';

/** The operations recorded of one set of records under a rule. */
async function selected(select: Selection | undefined, logger: winston.LoggerOptions = {}) {
  await using shop = await openShop({ transport: select === undefined ? {} : { select }, logger });
  shop.logger.info('plain');
  shop.logger.info('marked', { audit: true });
  shop.logger.info('detailed', { audit: { type: 'auth.logout' } });
  shop.logger.warn('warned');
  shop.logger.error('private', { audit: false });
  shop.logger.debug('below the level of the logger', { audit: true });
  return (await shop.entries()).map((entry) => entry.operation);
}

test('by default what is marked is recorded', async () => {
  const transport = new AuditTransport();
  const logger = winston.createLogger({ transports: [transport] });
  expect(await selected('marked')).toEqual(['marked', 'detailed']);
  logger.info('not marked: needs no log');
  logger.close();
});

test('all but what says otherwise', async () => {
  expect(await selected('all')).toEqual(['plain', 'marked', 'detailed', 'warned']);
});

test('from a level on, and what is marked', async () => {
  expect(await selected({ level: 'warn' })).toEqual(['marked', 'detailed', 'warned']);
});

test("by winston's own level", async () => {
  await using shop = await openShop({ transport: { level: 'warn' } });
  shop.logger.info('no', { audit: true });
  shop.logger.warn('yes');
  expect((await shop.entries()).map((entry) => entry.operation)).toEqual(['yes']);
});

test('by a function, which nothing overrules', async () => {
  expect(await selected((info) => info.level === 'error')).toEqual(['private']);
});

test('a level the logger does not have is refused when the transport is added', () => {
  const transport = new AuditTransport({ select: { level: 'warning' } });
  expect(() => winston.createLogger({ transports: [transport] })).toThrow(
    "options.select.level is 'warning', but the logger has error, warn, info",
  );
});

test('what is not selected is called back all the same', async () => {
  await using shop = await openShop({ transport: { select: 'marked' } });
  await new Promise<void>((resolve) => shop.transport.log({ level: 'info', message: 'x' }, resolve));
  await new Promise<void>((resolve) => shop.transport.log(undefined, resolve));
  expect(await shop.entries()).toEqual([]);
});

test.each([
  [{ log: {} }, 'options.log'],
  [{ select: 'some' }, 'options.select'],
  [{ select: { level: 3 } }, 'options.select'],
  [{ mark: 'level' }, 'options.mark'],
  [{ mark: '' }, 'options.mark'],
  [{ levels: { fatal: 'worst' } }, 'options.levels.fatal'],
  [{ event: {} }, 'options.event'],
  [{ strict: 1 }, 'options.strict'],
  [{ flushTimeout: 0 }, 'options.flushTimeout'],
  [{ filename: 'x.log' }, 'options.filename is not an option'],
])('%j is refused by name', (options, message) => {
  expect(() => new AuditTransport(options as never)).toThrow(message);
});
