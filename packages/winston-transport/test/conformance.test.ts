// What winston's own suites ask of a transport: abstract-winston-transport, winston-transport's tests of the base
// class, and winston's of its logger's events, levels and exceptions. Written anew, over this transport.

import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import winston from 'winston';
import Transport from 'winston-transport';
import { AuditTransport } from '../src/index.ts';
import { openShop, records, settled } from './shop.ts';

const LEVEL = Symbol.for('level');
const MESSAGE = Symbol.for('message');
const info = (level: string, message = level) => ({ level, message, [LEVEL]: level, [MESSAGE]: message });

describe('abstract-winston-transport', () => {
  const foo = () => ({ level: 'debug', message: 'foo', [MESSAGE]: '{"level":"debug","message":"foo"}' });

  test('.log() is present and takes no more than two arguments, else winston takes it for one of winston 2', async () => {
    await using shop = await openShop();
    expect(shop.transport.log).toBeTypeOf('function');
    expect(shop.transport.log.length).toBeLessThanOrEqual(2);
  });

  test('.log() without a callback returns true', async () => {
    await using shop = await openShop();
    expect(shop.transport.log(foo())).toBe(true);
  });

  test('.log() with a callback returns true and calls back without an error', async () => {
    await using shop = await openShop();
    const called: unknown[][] = [];
    expect(shop.transport.log(foo(), (...args: unknown[]) => called.push(args))).toBe(true);
    expect(called).toEqual([[]]);
  });

  test('emits logged', async () => {
    await using shop = await openShop();
    const record = foo();
    const logged = once(shop.transport, 'logged');
    shop.transport.log(record);
    expect((await logged)[0]).toBe(record);
  });
});

describe('winston-transport', () => {
  test('is a stream in object mode that winston takes as it is', async () => {
    await using shop = await openShop();
    expect(shop.transport).toBeInstanceOf(Transport);
    expect(shop.transport.writableObjectMode ?? shop.transport).toBeTruthy();
    expect(shop.logger.transports).toEqual([shop.transport]);
  });

  test('{ level } and the levels of the logger decide what is logged', async () => {
    await using shop = await openShop({ transport: { level: 'info' } });
    await settled();
    for (const level of Object.keys(winston.config.npm.levels)) shop.transport.write(info(level));
    expect((await shop.entries()).map((entry) => entry.operation)).toEqual(['error', 'warn', 'info']);
  });

  test('{ level } of the logger holds where it has none, and is followed when it changes', async () => {
    await using shop = await openShop({ logger: { level: 'warn' } });
    shop.logger.info('a');
    await settled();
    shop.logger.level = 'silly';
    shop.logger.silly('b');
    expect((await shop.entries()).map((entry) => entry.operation)).toEqual(['b']);
  });

  test('{ level } of its own may be changed later', async () => {
    await using shop = await openShop();
    shop.transport.level = 'error';
    shop.logger.warn('a');
    await settled();
    shop.transport.level = 'warn';
    shop.logger.warn('b');
    expect((await shop.entries()).map((entry) => entry.operation)).toEqual(['b']);
  });

  test('{ silent } logs nothing, and again once it is not', async () => {
    await using shop = await openShop({ transport: { silent: true } });
    shop.logger.info('a');
    await settled();
    shop.transport.silent = false;
    shop.logger.info('b');
    await settled();
    shop.logger.silent = true;
    shop.logger.info('c');
    expect((await shop.entries()).map((entry) => entry.operation)).toEqual(['b']);
  });

  test('{ handleExceptions } decides about records of exceptions', async () => {
    for (const [handleExceptions, expected] of [
      [false, []],
      [true, ['uncaughtException']],
    ] as const) {
      await using shop = await openShop({ transport: { handleExceptions } });
      shop.transport.write({ ...info('error'), exception: true });
      expect((await shop.entries()).map((entry) => entry.operation)).toEqual(expected);
      shop.logger.close();
    }
  });

  test('what is written while it is corked arrives in order, filtered and formatted', async () => {
    await using shop = await openShop({
      transport: { level: 'info', format: winston.format((one) => ({ ...one, f: 1 }))() },
    });
    await settled();
    shop.transport.cork();
    for (const [n, level] of ['info', 'debug', 'warn', 'silly', 'error'].entries())
      shop.transport.write(info(level, `${n}`));
    shop.transport.uncork();
    expect(await shop.entries()).toMatchObject(
      ['0', '2', '4'].map((operation) => ({ operation, data: { record: { meta: { f: 1 } } } })),
    );
  });

  test('{ parent, levels } are set when it is added, and the parent is unset when it is removed', async () => {
    await using shop = await openShop();
    const seen = shop.transport as { parent?: unknown; levels?: unknown };
    for (let n = 0; n < 3; n++) {
      expect(seen.parent).toBe(shop.logger);
      expect(seen.levels).toBe(shop.logger.levels);
      shop.logger.remove(shop.transport);
      expect(seen.parent).toBeNull();
      shop.logger.add(shop.transport);
    }
  });

  test('any stream of objects may be piped into it', async () => {
    await using shop = await openShop();
    shop.logger.remove(shop.transport);
    const source = new PassThrough({ objectMode: true });
    source.pipe(shop.transport);
    source.write(info('warn', 'piped'));
    source.end();
    await once(shop.transport, 'finish');
    expect((await records(shop.log)).map((entry) => entry.operation)).toEqual(['piped']);
  });
});

describe('winston', () => {
  test("the logger's finish comes after the transport's", async () => {
    await using shop = await openShop();
    const order: string[] = [];
    shop.transport.on('finish', () => order.push('transport'));
    shop.logger.on('finish', () => order.push('logger'));
    shop.logger.info('a');
    shop.logger.end();
    await once(shop.logger, 'finish');
    expect(order).toEqual(['transport', 'logger']);
  });

  test.each(['error', 'warn'])(
    '%s of the transport reaches the logger, with the transport',
    async (event) => {
      await using shop = await openShop();
      const heard = once(shop.logger, event);
      if (event === 'warn') shop.logger.off('error', () => {});
      const error = new Error('x');
      shop.transport.emit(event, error);
      expect(event === 'error' ? await heard.catch((one) => [one]) : await heard).toContain(error);
      expect(shop.logger.transports).toEqual([shop.transport]);
    },
  );

  test('configure() and clear() replace it', async () => {
    await using shop = await openShop();
    shop.logger.configure({ transports: [new winston.transports.Console({ silent: true })] });
    expect(shop.logger.transports).not.toContain(shop.transport);
    shop.logger.configure({ transports: [shop.transport] });
    shop.logger.info('a');
    await settled();
    shop.logger.clear();
    expect(shop.logger.transports).toEqual([]);
    expect(await shop.entries()).toHaveLength(1);
  });

  test('a container of loggers may share it', async () => {
    await using shop = await openShop();
    shop.logger.remove(shop.transport);
    const container = new winston.Container({ transports: [shop.transport] });
    container.get('a').info('by a');
    container.get('b').info('by b');
    expect((await shop.entries()).map((entry) => entry.operation).sort()).toEqual(['by a', 'by b']);
    container.close();
    expect(await shop.entries()).toHaveLength(2);
  });

  test('it needs no name, and is queried and streamed by nobody', () => {
    const transport = new AuditTransport();
    expect('query' in transport).toBe(false);
    expect('stream' in transport).toBe(false);
  });
});
