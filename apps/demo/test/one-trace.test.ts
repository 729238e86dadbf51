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

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const order = {
  operation: 'place order',
  resource: { type: 'order', id: 'o7' },
  outcome: 'success',
} as const;

let directory: string;
let log: AuditLog;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'audit-trace-'));
  log = await openAuditLog({
    directory: join(directory, 'log'),
    origin: 'test.example/trace',
    onKeyCreated: () => {},
  });
});
afterEach(async () => {
  await log.close();
  rmSync(directory, { recursive: true });
});

/** Two requests at once, so that nothing can be right by chance. */
async function ask(port: number): Promise<void> {
  const send = (requestId: string, traceId: string) =>
    fetch(`http://127.0.0.1:${port}/orders`, {
      method: 'POST',
      headers: { 'x-request-id': requestId, traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
  const answers = await Promise.all([send('first', TRACE_ID), send('second', TRACE_ID.replaceAll('4', '5'))]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
}

/** Types and traces of everything recorded, by request. */
async function traces(): Promise<
  Map<string | undefined, { types: string[]; traces: (Trace | undefined)[] }>
> {
  await log.flush();
  const found = new Map<string | undefined, { types: string[]; traces: (Trace | undefined)[] }>();
  for await (const { type, trace } of log.entries() as AsyncIterable<Entry>) {
    if (type.startsWith('log.')) continue;
    const request = found.get(trace?.requestId) ?? { types: [], traces: [] };
    request.types.push(type);
    request.traces.push(trace);
    found.set(trace?.requestId, request);
  }
  return found;
}

async function expectTwoTraces(types: readonly string[]): Promise<void> {
  await expect
    .poll(async () => [...(await traces()).values()].flatMap((request) => request.types).length)
    .toBe(2 * types.length);
  const found = await traces();
  expect([...found.keys()].sort()).toEqual(['first', 'second']);
  for (const request of found.values()) {
    expect(request.types.sort()).toEqual([...types].sort());
    expect(new Set(request.traces.map((trace) => trace?.traceId)).size).toBe(1);
  }
  expect(found.get('first')?.traces[0]?.traceId).toBe(TRACE_ID);
  expect((await log.verify()).verdict).toBe('intact');
}

function loggerOf(): winston.Logger {
  return winston.createLogger({ transports: [new AuditTransport({ log, select: 'all' })] });
}

test('Express, winston and a domain event', async () => {
  const logger = loggerOf();
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
  await ask((server.address() as AddressInfo).port);
  await expectTwoTraces(['application.log', 'data.create', 'http.request']);
  await new Promise((resolve) => server.close(resolve));
  logger.close();
});
