import { once } from 'node:events';
import { type Entry, getAuditContext, withAuditContext } from '@audit/core';
import { describe, expect, test } from 'vitest';
import winston from 'winston';
import Transport from 'winston-transport';
import { openShop, type ShopOptions, settled } from './shop.ts';

const as = <T>(id: string, fn: () => T): T =>
  withAuditContext({ actor: { type: 'user', id }, trace: { requestId: `r-${id}` } }, fn);

const who = (entries: readonly Entry[]) =>
  entries.map((entry) => [entry.operation, entry.actor?.id, entry.trace?.requestId]);

/** Takes its time over each record, so that winston pauses the logger for it. */
class Slow extends Transport {
  override log(_info: object, next: () => void): void {
    setTimeout(next, 1);
  }
}

/** Makes a new object of each record, as careless formats do, so that it cannot be recognised. */
const clone = winston.format((info) => ({ ...info }))();

test('the actor and trace around the call are those of the entry', async () => {
  await using shop = await openShop();
  await settled();
  as('u1', () => shop.logger.info('a'));
  await as('u2', async () => {
    await settled();
    shop.logger.info('b');
    shop.logger.child({ part: 'db' }).info('c');
  });
  shop.logger.info('d');
  expect(who(await shop.entries())).toEqual([
    ['a', 'u1', 'r-u1'],
    ['b', 'u2', 'r-u2'],
    ['c', 'u2', 'r-u2'],
    ['d', undefined, undefined],
  ]);
});

test('in the first tick of a logger, too, when it hands nothing on yet', async () => {
  await using shop = await openShop();
  as('u1', () => shop.logger.info('a'));
  as('u2', () => shop.logger.child({ part: 'db' }).info('b'));
  shop.logger.info('c');
  expect(who(await shop.entries())).toEqual([
    ['a', 'u1', 'r-u1'],
    ['b', 'u2', 'r-u2'],
    ['c', undefined, undefined],
  ]);
});

test('what the record says itself wins', async () => {
  await using shop = await openShop();
  as('u1', () => shop.logger.info('a', { audit: { actor: { type: 'user', id: 'other' } } }));
  expect(who(await shop.entries())).toEqual([['a', 'other', 'r-u1']]);
});

test('the functions of the options run in it', async () => {
  const seen: unknown[] = [];
  const look = () => seen.push(getAuditContext()?.actor?.id);
  await using shop = await openShop({
    transport: {
      select: () => look() > 0,
      event(_info, event) {
        look();
        return event;
      },
    },
  });
  as('u1', () => shop.logger.info('a'));
  await shop.entries();
  expect(seen).toEqual(['u1', 'u1']);
});

describe('a slow transport beside it, for which winston holds records back', () => {
  const run = async (options: ShopOptions) => {
    const slow = new Slow({ format: winston.format((info) => info)() });
    await using shop = await openShop({ ...options, logger: { ...options.logger, transports: [slow] } });
    await settled();
    for (let n = 0; n < 100; n++) {
      if (n % 3 === 0) shop.logger.info(`${n}`);
      else as(`u${n % 3}`, () => shop.logger.info(`${n}`));
    }
    as('ender', () => shop.logger.end());
    await once(shop.logger, 'finish');
    return shop.entries();
  };

  test('never lends one caller the actor of another', async () => {
    const entries = await run({});
    expect(entries).toHaveLength(100);
    for (const [operation, actor] of who(entries)) {
      const n = Number(operation);
      expect(actor, operation).toBe(n % 3 === 0 ? undefined : `u${n % 3}`);
    }
  });

  test('nor where the transport has a format of its own', async () => {
    const entries = await run({ transport: { format: clone } });
    for (const [operation, actor] of who(entries)) {
      const n = Number(operation);
      expect(actor, operation).toBe(n % 3 === 0 ? undefined : `u${n % 3}`);
    }
  });

  test('where a format has made the record unrecognisable, there is no actor rather than a wrong one', async () => {
    const entries = await run({ logger: { format: clone } });
    expect(entries).toHaveLength(100);
    for (const [operation, actor] of who(entries)) {
      const n = Number(operation);
      expect([undefined, n % 3 === 0 ? undefined : `u${n % 3}`], operation).toContain(actor);
    }
    expect(entries.filter((entry) => entry.actor !== undefined).length).toBeGreaterThan(0);
  });
});

test('a logger is written to as before once the transport is removed', async () => {
  await using shop = await openShop();
  const prototype = Object.getPrototypeOf(shop.logger).write;
  expect(shop.logger.write).not.toBe(prototype);
  shop.logger.remove(shop.transport);
  expect(Object.hasOwn(shop.logger, 'write')).toBe(false);
  expect(shop.logger.write).toBe(prototype);
});

test('a write that was the application’s own is given back', async () => {
  const own: unknown[] = [];
  const logger = winston.createLogger({ transports: [] });
  const { write } = logger;
  const spy = function (this: winston.Logger, ...args: Parameters<typeof write>) {
    own.push(args[0]);
    return write.apply(this, args);
  } as typeof write;
  logger.write = spy;
  await using shop = await openShop();
  shop.logger.remove(shop.transport);
  logger.add(shop.transport);
  as('u1', () => logger.info('a'));
  expect(who(await shop.entries())).toEqual([['a', 'u1', 'r-u1']]);
  expect(own).toHaveLength(1);
  logger.remove(shop.transport);
  expect(logger.write).toBe(spy);
});

test('a child logger can be what the transport is added to', async () => {
  await using shop = await openShop();
  shop.logger.remove(shop.transport);
  const child = shop.logger.child({ part: 'db' });
  child.add(shop.transport);
  as('u1', () => child.info('a'));
  expect(who(await shop.entries())).toEqual([['a', 'u1', 'r-u1']]);
});
