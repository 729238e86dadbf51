// One request that passes an adapter, logs through winston and records a domain event shows as one trace.
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditLog, type Entry, openAuditLog, type Trace } from '@audit/core';
import { auditExpress } from '@audit/express';
import { AuditTransport } from '@audit/winston-transport';
import express from 'express';
import { afterEach, beforeEach, expect, test } from 'vitest';
import winston from 'winston';
import { openServices } from '../src/services.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const order = {
  operation: 'place order',
  resource: { type: 'order', id: 'o7' },
  outcome: 'success',
} as const;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'audit-trace-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Two requests at once, so that nothing can be right by chance. */
async function ask(
  url: string,
  init: { body?: string; headers?: Record<string, string> } = {},
): Promise<void> {
  const send = (requestId: string, traceId: string) =>
    fetch(`${url}/orders`, {
      ...init,
      method: 'POST',
      headers: {
        ...init.headers,
        'x-request-id': requestId,
        traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
      },
    });
  const answers = await Promise.all([send('first', TRACE_ID), send('second', TRACE_ID.replaceAll('4', '5'))]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
}

/** Types and traces of what has been recorded from `from` on, by request. */
async function traces(
  log: AuditLog,
  from: number,
): Promise<Map<string | undefined, { types: string[]; traces: (Trace | undefined)[] }>> {
  await log.flush();
  const found = new Map<string | undefined, { types: string[]; traces: (Trace | undefined)[] }>();
  for await (const { type, trace } of log.entries({ from }) as AsyncIterable<Entry>) {
    if (type.startsWith('log.')) continue;
    const request = found.get(trace?.requestId) ?? { types: [], traces: [] };
    request.types.push(type);
    request.traces.push(trace);
    found.set(trace?.requestId, request);
  }
  return found;
}

async function expectTwoTraces(log: AuditLog, types: readonly string[], from = 0): Promise<void> {
  await expect
    .poll(async () => [...(await traces(log, from)).values()].flatMap((request) => request.types).length)
    .toBe(2 * types.length);
  const found = await traces(log, from);
  expect([...found.keys()].sort()).toEqual(['first', 'second']);
  for (const request of found.values()) {
    expect(request.types.sort()).toEqual([...types].sort());
    expect(new Set(request.traces.map((trace) => trace?.traceId)).size).toBe(1);
  }
  expect(found.get('first')?.traces[0]?.traceId).toBe(TRACE_ID);
  expect((await log.verify()).verdict).toBe('intact');
}

test('Express, winston and a domain event', async () => {
  const log = await openAuditLog({
    directory: join(directory, 'log'),
    origin: 'test.example/trace',
    onKeyCreated: () => {},
  });
  const logger = winston.createLogger({ transports: [new AuditTransport({ log, select: 'all' })] });
  const app = express();
  app.use(auditExpress({ log }));
  app.post('/orders', async (req, res) => {
    await new Promise((resolve) => setTimeout(resolve, 5)); // the other request comes in between
    logger.info('order placed');
    await req.audit.record({ type: 'data.create', ...order });
    res.sendStatus(201);
  });
  const server = app.listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await expectTwoTraces(log, ['application.log', 'data.create', 'http.request']);
  await new Promise((resolve) => server.close(resolve));
  logger.close();
  await log.close();
});

test('an order of the demo: Express, winston, and NestJS behind an HTTP call', async () => {
  const services = await openServices({ port: 0, warehousePort: 0, directory: join(directory, 'log') });
  const json = { 'content-type': 'application/json' };
  const login = await fetch(`${services.shopUrl}/login`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ user: 'ada', password: 'analytical-engine' }),
  });
  const { token } = (await login.json()) as { token: string };
  // What the login leaves is all there before the orders: nothing of it is counted with them.
  await expect.poll(() => services.log.flush().then(() => services.log.info().size)).toBe(3);

  await ask(services.shopUrl, {
    headers: { ...json, authorization: `Bearer ${token}` },
    body: JSON.stringify({ product: 'p1', quantity: 1 }),
  });
  const shop = ['application.log', 'data.create', 'http.request'];
  const warehouse = ['data.update', 'http.request', 'stock.reserve'];
  await expectTwoTraces(services.log, [...shop, ...warehouse], 3);
  await services.close();
});
