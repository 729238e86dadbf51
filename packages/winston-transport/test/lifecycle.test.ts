import { once } from 'node:events';
import { assertIntact, createTestLog } from '@audit/core/testing';
import { describe, expect, test } from 'vitest';
import winston from 'winston';
import Transport from 'winston-transport';
import { AuditTransport } from '../src/index.ts';
import { openShop, records, settled } from './shop.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n));
const operations = (entries: readonly { readonly operation: string }[]) =>
  entries.map(({ operation }) => operation);

/** A signer that can be told to wait. */
async function slowSigner() {
  const { testSigner } = await import('@audit/core/testing');
  const real = testSigner('test.example/audit');
  let open: () => void = () => {};
  let gate = Promise.resolve();
  return {
    signer: { key: real.key, sign: async (text: Uint8Array) => gate.then(() => real.sign(text)) },
    shut: () => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    open: () => open(),
  };
}

describe('the end of a logger', () => {
  test.each([1, 15, 16, 17, 40, 1_000])(
    '%i records of the first tick are all there at finish, in order',
    async (count) => {
      await using shop = await openShop();
      for (const n of numbers(count)) shop.logger.info(n);
      shop.logger.end();
      await once(shop.logger, 'finish');
      const { size } = shop.log.info();
      expect(operations(await records(shop.log))).toEqual(numbers(count));
      expect(shop.log.info().size).toBe(size);
      expect(shop.warnings).toEqual([]);
    },
  );

  test('finish waits for the signature', async () => {
    const gate = await slowSigner();
    await using shop = await openShop({ log: { signer: gate.signer } });
    await settled();
    gate.shut();
    const order: string[] = [];
    shop.transport.on('logged', () => order.push('logged'));
    shop.transport.on('finish', () => order.push('transport finished'));
    shop.logger.on('finish', () => order.push('logger finished'));
    shop.logger.info('a');
    shop.logger.end();
    for (let n = 0; n < 20; n++) await settled();
    expect(order).toEqual([]);
    expect(shop.log.info().size).toBe(1);
    gate.open();
    await once(shop.logger, 'finish');
    expect(order).toEqual(['logged', 'transport finished', 'logger finished']);
    expect(shop.log.info().size).toBe(2);
  });

  /** Takes its time over each record, so that winston pauses the logger for it. */
  class Slow extends Transport {
    seen = 0;
    override log(_info: object, next: () => void): void {
      this.seen++;
      setTimeout(next, 1);
    }
  }

  test('a slow transport behind it, for which the logger still holds records, costs neither one of them', async () => {
    const slow = new Slow();
    await using shop = await openShop({ logger: { transports: [slow] } });
    for (const n of numbers(40)) shop.logger.info(n);
    shop.logger.end();
    await once(shop.logger, 'finish');
    expect(operations(await records(shop.log))).toEqual(numbers(40));
    expect(slow.seen).toBe(40);
  });

  test('a slow transport before it, which winston ends too early, costs this one none', async () => {
    await using shop = await openShop();
    shop.logger.configure({ transports: [new Slow(), shop.transport] });
    const errors: unknown[] = [];
    shop.logger.on('error', (_error: Error, transport: unknown) => errors.push(transport)); // "write after end" of the slow one
    for (const n of numbers(40)) shop.logger.info(n);
    const finished = once(shop.transport, 'finish');
    shop.logger.end();
    await finished;
    expect(operations(await records(shop.log))).toEqual(numbers(40));
    expect(errors).not.toContain(shop.transport);
  });

  test('leaves the log open, for it is not the logger’s', async () => {
    await using shop = await openShop();
    shop.logger.end();
    await once(shop.logger, 'finish');
    expect(shop.log.health().status).toBe('ok');
  });

  test('an end without a record finishes without a log, too', async () => {
    const logger = winston.createLogger({ transports: [new AuditTransport()] });
    logger.end();
    await once(logger, 'finish');
  });

  test('two loggers that share the transport both finish', async () => {
    await using shop = await openShop();
    const other = winston.createLogger({ transports: [shop.transport] });
    shop.logger.info('a');
    other.info('b');
    expect(operations(await shop.entries())).toEqual(['a', 'b']);
    const finished = [once(shop.logger, 'finish'), once(other, 'finish')];
    shop.logger.end();
    await finished[0];
    other.end();
    await finished[1];
  });
});

describe('logged', () => {
  test('tells of each record once it is durable, in order, with the record itself', async () => {
    await using shop = await openShop();
    const logged: string[] = [];
    shop.transport.on('logged', (info: { message: string }) => {
      expect(shop.log.info().size).toBeGreaterThan(logged.length + 1);
      logged.push(info.message);
    });
    for (const n of numbers(50)) shop.logger.info(n);
    await shop.entries();
    await shop.transport.flush();
    expect(logged).toEqual(numbers(50));
  });

  test('is not said of what was not recorded', async () => {
    await using shop = await openShop({ transport: { select: 'marked' } });
    const logged: unknown[] = [];
    shop.transport.on('logged', (info) => logged.push(info));
    shop.logger.info('not selected');
    shop.log.use((event, next) => event.operation !== 'dropped' && next(event));
    shop.logger.info('dropped', { audit: true });
    await shop.entries();
    await shop.transport.flush();
    expect(logged).toEqual([]);
    expect(shop.warnings).toEqual([]);
  });
});

describe('removing', () => {
  test('and adding again, as often as one likes, records what is logged in between times', async () => {
    await using shop = await openShop();
    shop.logger.configure({ transports: [shop.transport, new winston.transports.Console({ silent: true })] });
    for (let n = 0; n < 5; n++) {
      shop.logger.info(`with ${n}`);
      await settled();
      shop.logger.remove(shop.transport);
      shop.logger.info(`without ${n}`);
      await settled();
      shop.logger.add(shop.transport);
    }
    expect(operations(await shop.entries())).toEqual(numbers(5).map((n) => `with ${n}`));
  });

  test('takes on the levels of the logger it is added to', async () => {
    await using shop = await openShop({
      transport: { select: { level: 'warning' } },
      logger: { levels: winston.config.syslog.levels },
    });
    shop.logger.remove(shop.transport);
    const other = winston.createLogger({
      levels: { warning: 0, loud: 1, quiet: 2 },
      level: 'quiet',
      transports: [shop.transport],
    });
    other.log('quiet', 'a');
    other.log('warning', 'b');
    expect(operations(await shop.entries())).toEqual(['b']);
  });

  test('or closing the logger lets go of the log', async () => {
    const log = await createTestLog();
    let listeners = 0;
    const on = log.on.bind(log);
    log.on = ((name, listener) => {
      listeners++;
      const end = on(name, listener);
      return () => {
        listeners--;
        end();
      };
    }) as typeof log.on;
    const transport = new AuditTransport({ log, select: 'all' });
    const logger = winston.createLogger({ transports: [transport] });
    for (let n = 0; n < 3; n++) {
      logger.info('x');
      await settled();
      expect(listeners).toBeGreaterThan(0);
      if (n === 1) logger.close();
      else logger.remove(transport);
      expect(listeners).toBe(0);
      logger.add(transport);
    }
    logger.close();
    await transport.flush();
    expect(await records(log)).toHaveLength(3);
    await assertIntact(log);
    await log.close();
  });

  test('from one of two loggers leaves the other as it is', async () => {
    await using shop = await openShop();
    const other = winston.createLogger({ transports: [shop.transport] });
    other.remove(shop.transport);
    shop.logger.info('a');
    expect(operations(await shop.entries())).toEqual(['a']);
  });
});

test('several of them on one logger record in a log each', async () => {
  const second = await createTestLog();
  await using shop = await openShop({
    logger: { transports: [new AuditTransport({ log: second, select: 'all' })] },
  });
  shop.logger.info('a');
  expect(operations(await shop.entries())).toEqual(['a']);
  expect(operations(await records(second))).toEqual(['a']);
  await second.close();
});
