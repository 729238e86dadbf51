import { once } from 'node:events';
import { type AuditError, setAuditLog } from '@audit/core';
import { createTestLog, testSigner } from '@audit/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import winston from 'winston';
import { AuditTransport, type AuditTransportError } from '../src/index.ts';
import { openShop, records, settled } from './shop.ts';

const told = (errors: readonly Error[]) =>
  (errors as AuditTransportError[]).map(({ code, lost, cause }) => [code, lost, (cause as AuditError)?.code]);

/** Process warnings until the function returned is called. */
function processWarnings(): { readonly seen: NodeJS.ErrnoException[]; stop(): void } {
  const seen: NodeJS.ErrnoException[] = [];
  const listener = (warning: NodeJS.ErrnoException) => seen.push(warning);
  process.on('warning', listener);
  return { seen, stop: () => process.off('warning', listener) };
}

afterEach(() => setAuditLog(undefined));

/** A signer that is away until it is told to come back. */
function signerAway() {
  const real = testSigner('test.example/audit');
  const state = { away: false };
  const sign = async (text: Uint8Array) => {
    if (state.away) throw new Error('no route to the signer');
    return real.sign(text);
  };
  return { state, signer: { key: real.key, sign } };
}

describe('a log that takes nothing', () => {
  test('because it is closed costs the records, told now and then with their number, and never the logger', async () => {
    const beside: string[] = [];
    const other = new winston.transports.Stream({
      stream: new (await import('node:stream')).Writable({
        write(text, _encoding, next) {
          beside.push(String(text));
          next();
        },
      }),
    });
    await using shop = await openShop({ logger: { transports: [other] } });
    await shop.log.close();
    for (let n = 0; n < 50; n++) shop.logger.info(`${n}`);
    await settled();
    expect(told(shop.warnings)).toEqual([['NOT_RECORDED', 1, 'LOG_CLOSED']]);
    expect(shop.warnings[0]?.message).toMatch(/^A log record was not recorded: The log is closed/);
    expect(shop.log.health().lost.closed).toBe(50);
    await shop.transport.flush();
    await settled();
    expect(told(shop.warnings).at(-1)).toEqual(['NOT_RECORDED', 49, 'LOG_CLOSED']);
    expect(beside).toHaveLength(50);
  });

  test('because none is set yet is used once there is one', async () => {
    const transport = new AuditTransport({ select: 'all' });
    const logger = winston.createLogger({ transports: [transport] });
    const warnings: Error[] = [];
    logger.on('warn', (error) => warnings.push(error));
    logger.info('early');
    await settled();
    expect(told(warnings)).toEqual([['NOT_RECORDED', 1, 'LOG_UNSET']]);
    const log = await createTestLog();
    setAuditLog(log);
    logger.info('late');
    logger.end();
    await once(logger, 'finish');
    expect((await records(log)).map((entry) => entry.operation)).toEqual(['late']);
    await log.close();
  });

  test('is told to the process where nobody listens for warnings', async () => {
    const warnings = processWarnings();
    const logger = winston.createLogger({ transports: [new AuditTransport({ select: 'all' })] });
    logger.info('lost');
    await settled();
    await settled();
    warnings.stop();
    expect(warnings.seen.map(({ code }) => code)).toEqual(['NOT_RECORDED']);
    logger.close();
  });

  test('does not go round in circles with a listener that logs what it is told', async () => {
    await using shop = await openShop();
    await shop.log.close();
    shop.logger.on('warn', (error) => shop.logger.error('audit', error));
    shop.logger.info('lost');
    for (let n = 0; n < 20; n++) await settled();
    expect(shop.warnings).toHaveLength(1);
    expect(shop.log.health().lost.closed).toBe(2);
  });
});

test('a queue that is full drops, counts, and says so in the log; memory stays bounded', async () => {
  const { state, signer } = signerAway();
  await using shop = await openShop({ log: { signer, queueEvents: 10 } });
  await settled();
  state.away = true;
  const logged: unknown[] = [];
  shop.transport.on('logged', (info: { message: string }) => logged.push(info.message));
  for (let n = 0; n < 1_000; n++) shop.logger.info(`${n}`);
  await settled();
  expect(shop.log.health().queued.events).toBeLessThanOrEqual(11);
  expect(shop.log.health().lost['queue-full']).toBe(990);
  state.away = false;
  const entries = await records(shop.log);
  await shop.transport.flush();
  expect(entries.map((entry) => entry.operation)).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`));
  expect(logged).toEqual(entries.map((entry) => entry.operation));
  const gaps = [];
  for await (const entry of shop.log.entries({ type: 'log.gap' })) gaps.push(entry.data);
  expect(gaps).toEqual([{ reasons: { 'queue-full': 990 } }]);
  await settled();
  const losses = (shop.warnings as AuditTransportError[]).filter(({ code }) => code === 'NOT_RECORDED');
  expect(losses.reduce((sum, { lost }) => sum + lost, 0)).toBe(990);
  expect(losses[0]?.cause).toMatchObject({ code: 'QUEUE_FULL' });
  expect(losses.length).toBeLessThan(20);
});

test('a log in trouble says so by a warning, and the records are there when it is over', async () => {
  const { state, signer } = signerAway();
  await using shop = await openShop({ log: { signer } });
  state.away = true;
  shop.logger.info('a');
  await once(shop.logger, 'warn');
  expect(shop.warnings).toMatchObject([
    { code: 'LOG_DEGRADED', message: expect.stringContaining('The signer is away') },
  ]);
  state.away = false;
  expect((await shop.entries()).map((entry) => entry.operation)).toEqual(['a']);
});

describe('an end that cannot be made safe', () => {
  test('does not finish: a warning comes instead, and nothing is held', async () => {
    const { state, signer } = signerAway();
    await using shop = await openShop({ log: { signer }, transport: { flushTimeout: 50 } });
    await settled();
    state.away = true;
    const seen: string[] = [];
    for (const event of ['finish', 'close']) shop.transport.on(event, () => seen.push(event));
    shop.logger.on('finish', () => seen.push('logger'));
    shop.logger.info('a');
    shop.logger.end();
    await once(shop.transport, 'close');
    expect(seen).toEqual(['close']);
    expect(told(shop.warnings).map(([code]) => code)).toEqual(['LOG_DEGRADED', 'NOT_FLUSHED']);
    state.away = false;
    expect(await shop.entries()).toHaveLength(1);
    expect(seen).toEqual(['close']);
  });

  test('is an error where it is strict', async () => {
    const { state, signer } = signerAway();
    await using shop = await openShop({ log: { signer }, transport: { flushTimeout: 50, strict: true } });
    await settled();
    state.away = true;
    const errors: Error[] = [];
    shop.logger.on('error', (error) => errors.push(error));
    shop.logger.on('finish', () => errors.push(new Error('finished')));
    shop.logger.info('a');
    shop.logger.end();
    while (!errors.some((error) => (error as AuditTransportError).code === 'NOT_FLUSHED')) await settled();
    expect(told(errors).map(([code]) => code)).toEqual(['LOG_DEGRADED', 'NOT_FLUSHED']);
    state.away = false;
    expect(await shop.entries()).toHaveLength(1);
  });

  test('flush() rejects', async () => {
    const { state, signer } = signerAway();
    await using shop = await openShop({ log: { signer }, transport: { flushTimeout: 50 } });
    await settled();
    state.away = true;
    shop.logger.info('a');
    await expect(shop.transport.flush()).rejects.toMatchObject({
      name: 'AuditTransportError',
      code: 'NOT_FLUSHED',
    });
    state.away = false;
    await shop.transport.flush();
  });
});

test('a strict transport tells by error, stays in its logger, and goes on', async () => {
  await using shop = await openShop({ transport: { strict: true } });
  const errors: [Error, unknown][] = [];
  shop.logger.on('error', (error: Error, transport: unknown) => errors.push([error, transport]));
  const refuse = shop.log.emit;
  shop.logger.info('a');
  await shop.entries();
  shop.log.emit = () => {
    throw new Error('broken');
  };
  shop.logger.info('b');
  await settled();
  shop.log.emit = refuse;
  expect(errors).toMatchObject([[{ code: 'NOT_RECORDED', cause: { message: 'broken' } }, shop.transport]]);
  expect(shop.logger.transports).toEqual([shop.transport]);
  shop.logger.info('c');
  expect((await shop.entries()).map((entry) => entry.operation)).toEqual(['a', 'c']);
  expect(shop.warnings).toEqual([]);
});

test('a strict transport that was removed is not brought back by its own error', async () => {
  await using shop = await openShop({ transport: { strict: true } });
  const warnings = processWarnings();
  await shop.log.close();
  shop.logger.info('a');
  shop.logger.on('error', () => {});
  shop.logger.add(new winston.transports.Console({ silent: true }));
  await settled();
  shop.logger.remove(shop.transport);
  shop.transport.log({ level: 'info', message: 'b' });
  await shop.transport.flush();
  await settled();
  await settled();
  warnings.stop();
  expect(shop.logger.transports).not.toContain(shop.transport);
});

test.each(['select', 'event'] as const)(
  'a %s function that throws costs a warning, not the record',
  async (option) => {
    const broken = () => {
      throw new Error('broken');
    };
    await using shop = await openShop({ transport: { [option]: broken } });
    shop.logger.info('a');
    expect(await shop.entries()).toMatchObject([{ operation: 'a' }]);
    await settled();
    expect(shop.warnings).toMatchObject([{ code: 'CALLBACK_FAILED', cause: { message: 'broken' } }]);
  },
);

test('an event function that returns what is no event costs the record, which is counted and told', async () => {
  await using shop = await openShop({ transport: { event: () => ({}) as never } });
  shop.logger.info('a');
  expect(await shop.entries()).toEqual([]);
  expect(told(shop.warnings)).toEqual([['NOT_RECORDED', 1, 'EVENT_INVALID']]);
  expect(shop.log.health().lost).toEqual({ invalid: 1 });
});
