import { describe, expect, test } from 'vitest';
import winston from 'winston';
import { type AuditMark, AuditTransport } from '../src/index.ts';
import { openShop, records, type ShopOptions } from './shop.ts';

const { format } = winston;

/** What a single record became. */
async function entryOf(say: (logger: winston.Logger) => void, options: ShopOptions = {}) {
  await using shop = await openShop(options);
  say(shop.logger);
  const entries = await shop.entries();
  expect(entries).toHaveLength(1);
  return entries[0]!;
}

const recordOf = async (say: (logger: winston.Logger) => void, options?: ShopOptions) =>
  (await entryOf(say, options)).data?.record;

describe('a record that names nothing', () => {
  test('becomes an entry of its message, whose outcome nobody claims', async () => {
    expect(await entryOf((logger) => logger.info('cache warmed', { keys: 7n }))).toMatchObject({
      type: 'application.log',
      category: 'system_health',
      level: 'info',
      operation: 'cache warmed',
      resource: { type: 'logger', id: 'winston' },
      outcome: 'unknown',
      data: { record: { level: 'info', message: 'cache warmed', meta: { keys: '7' } } },
    });
  });

  test('is about the service of the meta, as winston users name it', async () => {
    const options = { logger: { defaultMeta: { service: 'shop' } } };
    const entry = await entryOf((logger) => logger.info('up'), options);
    expect(entry.resource).toEqual({ type: 'service', id: 'shop' });
  });

  test('is about the logger that format.label names', async () => {
    const options = { logger: { format: format.label({ label: 'billing' }) } };
    const entry = await entryOf((logger) => logger.info('up'), options);
    expect(entry.resource).toEqual({ type: 'logger', id: 'billing' });
  });

  test.each([
    ['an object', { a: 1 }, 'log record', { a: 1 }],
    ['null', null, 'log record', null],
    ['a number', 404, '404', 404],
    ['nothing', '', 'log record', ''],
  ])('%s for a message has an operation nevertheless', async (_what, message, operation, kept) => {
    const entry = await entryOf((logger) => logger.info(message as never));
    expect(entry.operation).toBe(operation);
    expect(entry.data).toMatchObject({ record: kept === undefined ? {} : { message: kept } });
  });

  test('keeps what a getter that throws does not hide', async () => {
    const meta = {
      good: 1,
      get bad(): number {
        throw new Error('no');
      },
    };
    // winston's default, format.json, reads every member itself.
    await using shop = await openShop({ logger: { format: format((info) => info)() } });
    const info = Object.defineProperties(
      { level: 'info', message: 'x' },
      Object.getOwnPropertyDescriptors(meta),
    );
    shop.logger.log(info as never);
    const [entry] = await shop.entries();
    expect(entry?.data?.record).toMatchObject({ meta: { good: 1, bad: '[Unreadable]' } });
  });
});

describe('a record that says what it is about', () => {
  const audit: AuditMark = {
    type: 'data.update',
    operation: 'cancel order',
    resource: { type: 'order', id: 'o7' },
    outcome: 'success',
    actor: { type: 'user', id: 'u42' },
    trace: { requestId: 'r-1' },
    occurredAt: new Date('2026-01-01T00:00:00Z'),
    data: { before: 'open' },
  };

  test('becomes that event, with the record beside its data', async () => {
    const entry = await entryOf((logger) => logger.info('order cancelled', { audit, shop: 3 }));
    expect(entry).toMatchObject({
      ...audit,
      occurredAt: '2026-01-01T00:00:00.000Z',
      category: 'data_access',
    });
    expect(entry.data).toEqual({
      before: 'open',
      record: { level: 'info', message: 'order cancelled', meta: { shop: 3 } },
    });
  });

  test('is as grave as the catalogue says, where the logger says less', async () => {
    const refused: AuditMark = { type: 'auth.attempt', outcome: 'denied' };
    expect(await entryOf((logger) => logger.info('login', { audit: refused }))).toMatchObject({
      level: 'security',
    });
    expect(await entryOf((logger) => logger.error('login', { audit: refused }))).toMatchObject({
      level: 'error',
    });
    const said: AuditMark = { ...refused, level: 'debug' };
    expect(await entryOf((logger) => logger.error('login', { audit: said }))).toMatchObject({
      level: 'debug',
    });
  });

  test('keeps what cannot be part of an event as data, rather than losing the record', async () => {
    const wrong = {
      id: 'from a client',
      type: 'log.close',
      outcome: 'maybe',
      operation: '',
      resource: { type: 'order' },
      actor: 'u1',
      level: 'loud',
      colour: 'red',
    };
    const entry = await entryOf((logger) => logger.info('x', { audit: wrong }));
    expect(entry).toMatchObject({ type: 'application.log', operation: 'x', outcome: 'unknown' });
    expect(entry.id).not.toBe(wrong.id);
    expect(entry.data?.record).toMatchObject({ audit: wrong });
  });

  test('a type of its own needs no category', async () => {
    const entry = await entryOf((logger) => logger.info('x', { audit: { type: 'shop.order.placed' } }));
    expect(entry).toMatchObject({ type: 'shop.order.placed', category: 'system_health' });
  });

  test('may be marked by a symbol, which no client can send', async () => {
    const mark = Symbol('audit');
    await using shop = await openShop({ transport: { mark, select: 'marked' } });
    shop.logger.info('client', { audit: { type: 'auth.attempt' } });
    shop.logger.info('ours', { [mark]: { type: 'auth.attempt', outcome: 'success' } });
    expect(await shop.entries()).toMatchObject([{ type: 'auth.attempt', operation: 'ours' }]);
  });

  test('the application has the last word by the event option', async () => {
    const options: ShopOptions = {
      transport: {
        event: (info, event) => ({ ...event, operation: `${info.level}: ${event.operation}`, id: 'k-1' }),
      },
    };
    const entry = await entryOf((logger) => logger.info('x'), options);
    expect(entry).toMatchObject({ operation: 'info: x', id: 'k-1' });
  });
});

describe('arguments after the message', () => {
  test('are kept as they are where no format puts them into the message', async () => {
    expect(await recordOf((logger) => logger.info('%s paid %d', 'u42', 7, { order: 'o1' }))).toEqual({
      level: 'info',
      message: '%s paid %d',
      splat: ['u42', 7, { order: 'o1' }],
    });
  });

  test('are in the message with format.splat, and the rest is meta, once', async () => {
    const options = { logger: { format: format.splat() } };
    const record = await recordOf((logger) => logger.info('%s paid %d', 'u42', 7, { order: 'o1' }), options);
    expect(record).toMatchObject({ message: 'u42 paid 7', meta: { order: 'o1' } });
    expect(JSON.stringify(record).match(/o1/g)).toHaveLength(1);
  });

  test('meta is not repeated as an argument', async () => {
    expect(await recordOf((logger) => logger.info('paid', { order: 'o1' }))).toEqual({
      level: 'info',
      message: 'paid',
      meta: { order: 'o1' },
    });
  });
});

describe('an error', () => {
  const cause = new TypeError('no route');
  const failure = () => Object.assign(new RangeError('db down', { cause }), { code: 'EDB' });
  const expected = {
    type: 'system.error',
    category: 'error_handling',
    level: 'error',
    outcome: 'failure',
    error: { name: 'RangeError', message: 'db down', code: 'EDB' },
    data: {
      record: {
        error: {
          name: 'RangeError',
          message: 'db down',
          code: 'EDB',
          stack: expect.stringContaining('RangeError: db down\n'),
          cause: {
            name: 'TypeError',
            message: 'no route',
            stack: expect.stringContaining('TypeError: no route'),
          },
        },
      },
    },
  };

  test.each<[string, (logger: winston.Logger) => void]>([
    ['alone', (logger) => logger.error(failure())],
    ['by log()', (logger) => logger.log('error', failure() as never)],
    ['as the message', (logger) => logger.log({ level: 'error', message: failure() as never })],
    ['after the message', (logger) => logger.error('failed', failure())],
    ['after other arguments', (logger) => logger.error('failed %s', 'twice', failure())],
    ['as error in the meta', (logger) => logger.error('failed', { error: failure() })],
    ['as err in the meta', (logger) => logger.error('failed', { err: failure() })],
  ])('%s is recorded with its cause and stack, once', async (_how, say) => {
    const entry = await entryOf(say);
    expect(entry).toMatchObject(expected);
    expect(JSON.stringify(entry).match(/RangeError: db down/g)).toHaveLength(1);
  });

  test.each<[string, ShopOptions, (logger: winston.Logger) => winston.Logger]>([
    [
      'format.errors',
      { logger: { format: format.errors({ stack: true, cause: true }) } },
      (logger) => logger,
    ],
    ['a child logger', {}, (logger) => logger.child({ part: 'db' })],
  ])('that %s has flattened is one still', async (_how, options, of) => {
    const entry = await entryOf((logger) => of(logger).error(failure()), options);
    expect(entry).toMatchObject(expected);
    expect(JSON.stringify(entry).match(/RangeError: db down/g)).toHaveLength(1);
  });

  test('at a lower level is no graver than its level', async () => {
    expect(await entryOf((logger) => logger.warn('retrying', failure()))).toMatchObject({
      type: 'system.error',
      level: 'warning',
      outcome: 'failure',
    });
  });
});

describe('formats', () => {
  test('of the logger and of the transport have changed what is recorded', async () => {
    const hide = format((info) => ({ ...info, card: '****' }));
    const options: ShopOptions = {
      logger: { format: format.combine(format.timestamp(), format.json()) },
      transport: { format: hide() },
    };
    const record = await recordOf((logger) => logger.info('paid', { card: '4111' }), options);
    expect(record).toMatchObject({ meta: { card: '****', timestamp: expect.stringMatching(/Z$/) } });
  });

  test('that let nothing through let nothing through', async () => {
    const options: ShopOptions = { transport: { format: format((info) => info.private !== true && info)() } };
    const entry = await entryOf((logger) => {
      logger.info('a', { private: true });
      logger.info('b');
    }, options);
    expect(entry.operation).toBe('b');
  });

  test('that throw cost their record and no other', async () => {
    await using shop = await openShop({
      transport: {
        format: format((info) => {
          if (info.message === 'bad') throw new Error('format');
          return info;
        })(),
      },
    });
    shop.logger.info('before');
    await shop.entries();
    expect(() => shop.logger.info('bad')).toThrow('format');
    shop.logger.info('after');
    expect((await shop.entries()).map((entry) => entry.operation)).toEqual(['before', 'after']);
  });

  test('that colour do not colour what is searched for', async () => {
    const options = { logger: { format: format.colorize({ all: true }) } };
    const entry = await entryOf((logger) => logger.warn('careful'), options);
    expect(entry).toMatchObject({
      level: 'warning',
      operation: 'careful',
      data: { record: { level: 'warn' } },
    });
  });
});

test('child loggers bring their meta', async () => {
  const record = await recordOf((logger) => logger.child({ part: 'db' }).child({ shard: 3 }).info('up'));
  expect(record).toMatchObject({ meta: { part: 'db', shard: 3 } });
});

test('profiling is recorded with its duration', async () => {
  await using shop = await openShop();
  shop.logger.profile('import');
  shop.logger.profile('import');
  shop.logger.startTimer().done({ message: 'export', level: 'info' });
  expect(await shop.entries()).toMatchObject(
    ['import', 'export'].map((message) => ({
      operation: message,
      data: { record: { meta: { durationMs: expect.any(Number) } } },
    })),
  );
});

test('a transport that was added to no logger records what it is given', async () => {
  await using shop = await openShop();
  const alone = new AuditTransport({ log: shop.log, select: 'all' });
  expect(alone.log({ level: 'warn', message: 'direct' })).toBe(true);
  alone.write({ level: 'warn', message: 'written' });
  expect((await records(shop.log)).map((entry) => entry.operation)).toEqual(['direct', 'written']);
});

test('secrets in the meta are masked before they are hashed', async () => {
  const entry = await entryOf((logger) => logger.info('login', { password: 'hunter2', user: 'u42' }));
  expect(JSON.stringify(entry)).not.toContain('hunter2');
  expect(entry.redacted).toEqual(['/data/record/meta/password']);
});
