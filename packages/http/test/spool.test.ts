import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Entry, openAuditLog } from '@audit/core';
import { testSigner } from '@audit/core/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginExchange, type HttpOptions, HttpRecorder } from '../src/index.ts';
import { StagedStore, until } from './strict-log.ts';
import { listen } from './wire.ts';

const ORIGIN = 'test.example/audit';
const REQUESTS = 40;

let spoolDirectory: string;
beforeEach(async () => {
  spoolDirectory = await mkdtemp(join(tmpdir(), 'audit-http-spool-'));
});
afterEach(() => rm(spoolDirectory, { recursive: true }));

/** A server and a log of room for four entries, over a store that can be told to fail. */
async function openShop(onFailure: HttpOptions['onFailure']) {
  const store = new StagedStore();
  const log = await openAuditLog({
    ...{ store, origin: ORIGIN, signer: testSigner(ORIGIN), spoolDirectory },
    ...{ queueEvents: 4, queueTimeout: 50 },
  });
  const recorder = HttpRecorder.of({ log, ...(onFailure !== undefined && { onFailure }) });
  const handler: RequestListener = (req, res) => {
    const exchange = beginExchange(req, res, recorder);
    exchange.admit(() => res.end('served'));
  };
  const server = await listen(handler);
  return {
    ...{ log, store, recorder, server },
    async ask(path: string) {
      const response = await fetch(`${server.url}${path}`);
      await response.text();
      return response.status;
    },
    async end(): Promise<readonly Entry[]> {
      await log.flush();
      const found: Entry[] = [];
      for await (const entry of log.entries({ type: 'http.request' })) found.push(entry);
      expect((await log.verify()).verdict).toBe('intact');
      await server.close();
      await log.close();
      return found;
    },
  };
}

test('while the store fails requests are answered, and once it is back the log has every one of them', async () => {
  const shop = await openShop([
    { path: '/health', onFailure: 'best-effort' },
    { path: '/pay', onFailure: 'strict' },
    { onFailure: 'spool' },
  ]);
  expect(await shop.ask('/before')).toBe(200);
  shop.store.before = () => {
    throw new Error('the disk is gone');
  };
  for (let n = 0; n < REQUESTS; n++) expect(await shop.ask(`/orders/${n}`)).toBe(200);
  expect(await shop.ask('/pay')).toBe(503);
  await until(() => shop.log.health().spooled.events >= REQUESTS - 4);
  const refused = shop.log.health().lost;
  shop.store.before = () => {};
  const entries = await shop.end();
  const orders = entries.filter(({ operation }) => operation.startsWith('GET /orders'));
  expect(orders.map(({ operation }) => operation)).toEqual(
    Array.from({ length: REQUESTS }, (_, n) => `GET /orders/${n}`),
  );
  // Of the payment only, whose answer said so.
  expect(Object.keys(refused)).not.toContain('queue-full');
  expect(shop.recorder.lost).toBe(0);
  expect(await readdir(spoolDirectory)).toEqual(['spool.key']);
});

test('without the rule the same requests are lost, and counted', async () => {
  const shop = await openShop('best-effort');
  shop.store.before = () => {
    throw new Error('the disk is gone');
  };
  for (let n = 0; n < REQUESTS; n++) expect(await shop.ask(`/orders/${n}`)).toBe(200);
  await until(() => (shop.log.health().lost['queue-full'] ?? 0) >= REQUESTS - 4);
  shop.store.before = () => {};
  expect(await shop.end()).toHaveLength(4);
});

test('what waits while the log is closed is for the one after it', async () => {
  const shop = await openShop('spool');
  shop.log.divert('spool', 'a test');
  for (let n = 0; n < REQUESTS; n++) expect(await shop.ask(`/orders/${n}`)).toBe(200);
  await until(() => shop.log.health().spooled.events === REQUESTS);
  await shop.server.close();
  await shop.log.close();
  const next = await openAuditLog({
    ...{ store: shop.store.memory.reopen(), origin: ORIGIN, signer: testSigner(ORIGIN), spoolDirectory },
  });
  const operations: string[] = [];
  for await (const { operation } of next.entries({ type: 'http.request' })) operations.push(operation);
  expect(operations).toEqual(Array.from({ length: REQUESTS }, (_, n) => `GET /orders/${n}`));
  expect((await next.verify()).verdict).toBe('intact');
  await next.close();
});
