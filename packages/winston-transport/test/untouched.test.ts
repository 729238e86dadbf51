import { expect, test } from 'vitest';
import winston from 'winston';
import Transport from 'winston-transport';
import { AuditTransport } from '../src/index.ts';
import { openShop, settled } from './shop.ts';

/** Keeps what it is given, as it is at that moment. */
class Witness extends Transport {
  readonly seen: PropertyDescriptorMap[] = [];
  override log(info: object, next: () => void): void {
    this.seen.push(Object.getOwnPropertyDescriptors(info));
    next();
  }
}

function say(logger: winston.Logger): void {
  const error = Object.assign(new Error('down'), { code: 'E', stack: 'Error: down\n    at here' });
  logger.info('plain', { audit: true, nested: { deep: [1, 2] } });
  logger.info('%s and %s', 'a', 'b', { c: 1 });
  logger.error(error);
  logger.error('failed', error);
  logger.child({ part: 'db' }).warn('child', { audit: { type: 'auth.logout' } });
  logger.log(Object.freeze({ level: 'info', message: 'frozen', [Symbol.for('level')]: 'info' }) as never);
}

test('another transport is given exactly what it is given without this one', async () => {
  const format = winston.format((info) => info)();
  const alone = new Witness();
  const logger = winston.createLogger({ format, transports: [alone] });
  const spoken = [logger];
  await using shop = await openShop();
  const [before, after] = [new Witness(), new Witness()];
  const audited = winston.createLogger({
    format,
    transports: [before, new AuditTransport({ log: shop.log, select: 'all' }), after],
  });
  spoken.push(audited);
  for (const one of spoken) {
    try {
      say(one);
    } catch (error) {
      // winston writes the level into what it is given, which a frozen record does not let it.
      expect(String(error)).toContain('read only');
    }
  }
  await settled();
  expect(alone.seen).toHaveLength(5);
  expect(before.seen).toEqual(alone.seen);
  expect(after.seen).toEqual(alone.seen);
  expect(await shop.entries()).toHaveLength(5);
});

test('a frozen record is recorded', async () => {
  await using shop = await openShop();
  const info = {
    level: 'info',
    message: 'frozen',
    [Symbol.for('level')]: 'info',
    meta: Object.freeze({ a: 1 }),
  };
  expect(shop.transport.log(Object.freeze(info))).toBe(true);
  expect(await shop.entries()).toMatchObject([{ operation: 'frozen' }]);
});

test('what is changed after it was logged is recorded as it was', async () => {
  await using shop = await openShop();
  await settled();
  const meta = { order: { state: 'open' } };
  shop.logger.info('order', meta);
  meta.order.state = 'closed';
  expect(await shop.entries()).toMatchObject([{ data: { record: { meta: { order: { state: 'open' } } } } }]);
});
