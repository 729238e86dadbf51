import type { RequestListener } from 'node:http';
import type { Entry, HttpRequestData } from '@audit/core';
import { getAuditContext, httpRequest, withAuditContext } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import { expect, test } from 'vitest';
import {
  beginExchange,
  findExchange,
  type HttpExchange,
  type HttpOptions,
  HttpRecorder,
} from '../src/index.ts';
import { listen, rawClient, request } from './wire.ts';

/** One request handler on bare node:http; resolves with what was recorded once `client` is done and `count` are there. */
async function recorded(
  handler: (exchange: HttpExchange, ...args: Parameters<RequestListener>) => void,
  client: (server: { url: string; port: number }) => Promise<unknown>,
  { count = 1, ...options }: HttpOptions & { count?: number } = {},
): Promise<readonly Entry[]> {
  const log = await createTestLog();
  const recorder = HttpRecorder.of({ log, ...options });
  const server = await listen((req, res) => {
    const exchange = beginExchange(req, res, recorder);
    withAuditContext(exchange.context, () => handler(exchange, req, res));
  });
  const entries = async () => {
    await log.flush();
    const found: Entry[] = [];
    for await (const entry of log.entries({ type: 'http.request' })) found.push(entry);
    return found;
  };
  await client(server);
  while ((await entries()).length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.close();
  const found = await entries();
  expect((await log.verify()).verdict).toBe('intact');
  await log.close();
  return found;
}

test('an exchange without a framework: the path stands for the route', async () => {
  const [entry, ...more] = await recorded(
    (_exchange, _req, res) => void res.end('fine'),
    async ({ url }) => (await fetch(`${url}/a/b?c=d`, { headers: { 'user-agent': 'till' } })).text(),
  );
  expect(more).toEqual([]);
  expect(entry).toMatchObject({
    type: 'http.request',
    category: 'communication',
    level: 'info',
    operation: 'GET /a/b',
    resource: { type: 'route', id: '/a/b' },
    outcome: 'success',
    actor: { type: 'anonymous', id: 'anonymous', ip: '127.0.0.1', userAgent: 'till' },
    data: { method: 'GET', path: '/a/b', query: 'c=d', status: 200, protocol: 'HTTP/1.1', peer: '127.0.0.1' },
  });
  expect(entry?.data?.durationMs).toBeGreaterThanOrEqual(0);
  expect(entry?.data).not.toHaveProperty('route');
  expect(entry?.data).not.toHaveProperty('forwardedFor');
});

test('bytes are counted exchange by exchange, as they are on the wire', async () => {
  const first = request('GET /first HTTP/1.1');
  const second = `POST /second HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(1000)}`;
  let received = '';
  const [one, two] = await recorded(
    (_exchange, req, res) => void req.resume().once('end', () => res.end(`${req.url} is over`)),
    async ({ port }) => {
      const client = await rawClient(port);
      client.send(first);
      await client.receives('/first is over');
      client.send(second);
      received = await client.receives('/second is over');
      client.socket.destroy();
    },
    { count: 2 },
  );
  expect(one?.data?.requestBytes).toBe(first.length);
  expect(two?.data?.requestBytes).toBe(second.length);
  expect((one?.data?.responseBytes as number) + (two?.data?.responseBytes as number)).toBe(received.length);
});

test('headers are recorded by the list, in any case', async () => {
  const [entry] = await recorded(
    (_exchange, _req, res) =>
      void res.setHeader('X-Cache', 'hit').setHeader('Set-Cookie', 'sid=s3cret').end(),
    ({ url }) =>
      fetch(url, { headers: { 'X-TENANT': 't1', Authorization: 'Bearer s3cret', 'X-Other': 'other' } }),
    { headers: ['X-Tenant', 'AUTHORIZATION'], responseHeaders: ['x-cache'] },
  );
  expect(entry?.data?.requestHeaders).toEqual({ 'x-tenant': 't1', authorization: '[REDACTED]' });
  expect(entry?.data?.responseHeaders).toEqual({ 'x-cache': 'hit' });
});

test('by default the headers recorded are few and harmless', async () => {
  const [entry] = await recorded(
    (_exchange, _req, res) =>
      void res.setHeader('content-type', 'text/plain').setHeader('etag', '"s3cret"').end('ok'),
    ({ url }) =>
      fetch(url, {
        method: 'POST',
        body: 'x',
        headers: { cookie: 'a=s3cret', 'x-any': 's3cret', 'content-type': 'a/b' },
      }),
  );
  expect(entry?.data?.requestHeaders).toMatchObject({ 'content-type': 'a/b', 'content-length': '1' });
  expect(entry?.data?.responseHeaders).toEqual({ 'content-type': 'text/plain' });
  expect(JSON.stringify(entry)).not.toContain('s3cret');
});

test('the request id and the traceparent of the client are taken over, and the id answered', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  let echoed: string | null = '';
  const [entry] = await recorded(
    (exchange, _req, res) => {
      expect(getAuditContext()?.trace).toEqual(exchange.audit.trace);
      res.end();
    },
    async ({ url }) => {
      echoed = (await fetch(url, { headers: { 'Correlation-Id': 'c-7', traceparent } })).headers.get(
        'correlation-id',
      );
    },
    { requestIdHeader: 'Correlation-ID' },
  );
  expect(echoed).toBe('c-7');
  expect(entry?.trace).toEqual({
    requestId: 'c-7',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentId: '00f067aa0ba902b7',
  });
});

test('with both turned off nothing of the client’s is taken over', async () => {
  let echoed: string | null = '';
  const [entry] = await recorded(
    (_exchange, _req, res) => void res.end(),
    async ({ url }) => {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      echoed = (await fetch(url, { headers: { 'x-request-id': 'c-7', traceparent } })).headers.get(
        'x-request-id',
      );
    },
    { requestIdHeader: false, traceparent: false },
  );
  expect(echoed).toBeNull();
  expect(Object.keys(entry?.trace ?? {})).toEqual(['requestId']);
  expect(entry?.trace?.requestId).not.toBe('c-7');
});

test('the first error noted is in the entry; the outcome follows from the answer', async () => {
  const [entry] = await recorded(
    (exchange, _req, res) => {
      exchange.noteError(Object.assign(new Error('first'), { code: 'E_ONE' }));
      exchange.noteError(new Error('second'));
      res.end('recovered');
    },
    ({ url }) => fetch(url),
  );
  expect(entry).toMatchObject({
    outcome: 'success',
    error: { name: 'Error', message: 'first', code: 'E_ONE' },
  });
});

test.each([
  ['a string', 'no such thing', 'no such thing'],
  ['a number', 7, '7'],
  ['an object without a message', { status: 500 }, '[object Object]'],
])('%s that was thrown is an error, too', async (_what, thrown, message) => {
  const [entry] = await recorded(
    (exchange, _req, res) => {
      exchange.noteError(thrown);
      res.writeHead(500).end();
    },
    ({ url }) => fetch(url),
  );
  expect(entry?.error?.message).toBe(message);
});

test('an error message is cleaned of what the client sent as a secret, though the entry does not hold it', async () => {
  const [entry] = await recorded(
    (exchange, req, res) => {
      Object.assign(req, { body: { user: { password: 'hunter2-of-ada' } } });
      exchange.noteError(
        new Error(`wrong: hunter2-of-ada, ${req.headers['x-api-key']}, ${req.headers['x-tenant']}`),
      );
      res.writeHead(401).end();
    },
    ({ url }) => fetch(url, { headers: { 'x-api-key': 'the-key-of-ada', 'x-tenant': 'tenant-7' } }),
  );
  expect(entry?.error?.message).toBe('wrong: [REDACTED], [REDACTED], tenant-7');
});

test('an exchange can be found by its request', async () => {
  await recorded(
    (exchange, req, res) => {
      expect(findExchange(req)).toBe(exchange);
      res.end();
    },
    ({ url }) => fetch(url),
  );
});

test('an adapter that fails costs the entry and a warning, not the answer', async () => {
  const seen = new Promise<Error>((resolve) => process.once('warning', resolve));
  const log = await createTestLog();
  const recorder = HttpRecorder.of({ log });
  const route = () => {
    throw new Error('no router here');
  };
  const server = await listen((req, res) => {
    beginExchange(req, res, recorder, { route });
    res.end('fine');
  });
  expect(await (await fetch(server.url)).text()).toBe('fine');
  expect(await seen).toMatchObject({
    code: 'AUDIT_NOT_RECORDED',
    message: expect.stringContaining('no router here'),
  });
  await server.close();
  await log.close();
  expect(recorder.lost).toBe(1);
});

test('the event is the one that the catalogue makes of the same facts', async () => {
  const [entry] = await recorded(
    (_exchange, _req, res) => void res.end('fine'),
    ({ url }) => fetch(`${url}/a/b?c=d`),
  );
  const { type, operation, resource, outcome, data } = entry as Entry;
  const event = httpRequest(data as unknown as HttpRequestData);
  expect({ type, operation, resource, outcome }).toEqual({
    type: event.type,
    operation: event.operation,
    resource: event.resource,
    outcome: event.outcome,
  });
});
