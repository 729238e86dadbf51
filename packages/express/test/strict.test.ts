import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import compression from 'compression';
import type { Express, RequestHandler } from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { openStagedLog, stagesOf, until } from '../../http/test/strict-log.ts';
import { listen, rawClient, request } from '../../http/test/wire.ts';
import { type AuditExpressOptions, auditErrors, auditExpress } from '../src/index.ts';
import { type ExpressFactory, openShop, VERSIONS } from './shop.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-strict-'));
  await writeFile(join(folder, 'page.html'), `<p>${'long '.repeat(50_000)}</p>`);
});

afterAll(() => rm(folder, { recursive: true }));

/** Every way an application of Express answers. */
function routes(app: Express, express: ExpressFactory): void {
  app.use(express.json());
  app.get('/json', (_req, res) => void res.json({ a: 'b' }));
  app.get('/text', (_req, res) => void res.status(202).send('text'));
  app.get('/empty', (_req, res) => void res.sendStatus(204));
  app.get('/moved', (_req, res) => void res.redirect('/json'));
  app.get('/file', (_req, res) => void res.sendFile('page.html', { root: folder }));
  app.get('/missing-file', (_req, res) => void res.sendFile('nothing.html', { root: folder }));
  app.get('/download', (_req, res) => void res.download(join(folder, 'page.html'), 'named.html'));
  app.get('/stream', (_req, res, next) => {
    const source = Readable.from(Array.from({ length: 2_000 }, (_, n) => `line ${n} ${'x'.repeat(100)}\n`));
    pipeline(source, res.type('text')).catch(next);
  });
  app.get('/events', (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    res.flushHeaders();
    let sent = 0;
    const timer = setInterval(() => {
      res.write(`data: ${sent++}\n\n`);
      if (sent === 5) {
        clearInterval(timer);
        res.end();
      }
    }, 2);
  });
  app.post('/echo', (req, res) => void res.json(req.body));
  app.get('/throws', () => {
    throw new Error('broken');
  });
  app.use('/static', express.static(folder));
  const admin = express();
  admin.get('/reports/:year', (req, res) => void res.send(req.params.year));
  app.use('/admin', admin);
  app.use(auditErrors());
}

const REQUESTS: readonly (readonly [path: string, init?: RequestInit | undefined])[] = [
  ['/json'],
  ['/json', { method: 'HEAD' }],
  ['/text'],
  ['/empty'],
  ['/moved', { redirect: 'manual' }],
  ['/file'],
  ['/file', { method: 'HEAD' }],
  ['/file', { headers: { range: 'bytes=10-19' } }],
  ['/missing-file'],
  ['/download'],
  ['/stream'],
  ['/events'],
  ['/echo', { method: 'POST', body: '{"a":[1,2]}', headers: { 'content-type': 'application/json' } }],
  ['/echo', { method: 'POST', body: '{"a":', headers: { 'content-type': 'application/json' } }],
  ['/throws'],
  ['/static/page.html'],
  ['/static/nothing'],
  ['/admin/reports/2026'],
  ['/nothing'],
];

/** Status, headers and body of an answer, without what differs from one second to the next. */
async function answerOf(url: string, init: RequestInit = {}) {
  const answer = await fetch(url, { ...init, headers: { ...init.headers, 'accept-encoding': 'identity' } });
  const headers = Object.fromEntries(answer.headers);
  for (const name of ['date', 'x-request-id', 'connection', 'keep-alive']) delete headers[name];
  return { status: answer.status, headers, body: await answer.text() };
}

describe.each(VERSIONS)('%s: strict mode', (_name, express) => {
  const strict: AuditExpressOptions = { onFailure: 'strict' };

  test.each(REQUESTS.map(([path, init]) => [path, init ?? {}] as const))(
    'the answer to %s, %j, is what it is without',
    async (path, init) => {
      await using shop = await openShop(express, routes, strict);
      await using plain = await openShop(express, routes);
      const [held, free] = [await answerOf(shop.url + path, init), await answerOf(plain.url + path, init)];
      expect(held).toEqual(free);
      const [entry] = await plain.finished(1);
      const stages = await shop.finished(3);
      expect(stages.map(({ data }) => data?.stage)).toEqual(['received', 'responding', 'completed']);
      expect(stages[2]).toMatchObject({
        operation: entry?.operation,
        resource: entry?.resource,
        outcome: entry?.outcome,
        data: { status: entry?.data?.status },
      });
      expect(stages[1]?.operation).toBe(entry?.operation);
    },
  );

  test('an answer that is not modified', async () => {
    await using shop = await openShop(express, routes, strict);
    const etag = String((await fetch(`${shop.url}/json`)).headers.get('etag'));
    // The `fetch` of node keeps 304 to itself.
    const client = await rawClient(shop.port);
    client.send(request('GET /json HTTP/1.1', { 'If-None-Match': etag, Connection: 'close' }));
    expect(await client.over()).toMatch(/^HTTP\/1\.1 304 Not Modified\r\n/);
    const entries = await shop.finished(6);
    expect(entries.filter(({ data }) => data?.status === 304).map(({ data }) => data?.stage)).toEqual([
      'responding',
      'completed',
    ]);
  });

  test.each([
    ['before', true],
    ['after', false],
  ])('compression mounted %s it: the answer is whole and compressed', async (_where, before) => {
    const { log, entries } = await openStagedLog();
    const app = express();
    app.set('env', 'test');
    if (before) app.use(compression() as unknown as RequestHandler);
    app.use(auditExpress({ log, ...strict }));
    if (!before) app.use(compression() as unknown as RequestHandler);
    routes(app, express);
    const server = await listen(app);
    for (const path of ['/file', '/stream', '/json']) {
      const answer = await fetch(server.url + path, { headers: { 'accept-encoding': 'gzip' } });
      const plain = await answerOf(server.url + path);
      expect(await answer.text()).toBe(plain.body);
      expect(answer.headers.get('content-encoding')).toBe(path === '/json' ? null : 'gzip');
    }
    await until(async () => (await entries()).length === 18);
    await server.close();
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  });

  test('web sockets beside it', async () => {
    await using shop = await openShop(express, routes, strict);
    const sockets = new WebSocketServer({ server: shop.server });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)));
    const client = new WebSocket(shop.url.replace('http', 'ws'));
    const echo = await new Promise((resolve, reject) => {
      client.on('open', () => client.send('hello'));
      client.on('message', (data) => resolve(String(data)));
      client.on('error', reject);
    });
    expect(echo).toBe('echo hello');
    client.terminate();
    sockets.close();
    await (await fetch(`${shop.url}/json`)).text();
    expect(await shop.finished(3)).toHaveLength(3);
  });

  test('an upload that is read slowly is read whole', async () => {
    await using shop = await openShop(
      express,
      (app) =>
        app.post('/upload', async (req, res) => {
          let bytes = 0;
          for await (const chunk of req) {
            bytes += (chunk as Buffer).byteLength;
            await new Promise((resolve) => setImmediate(resolve));
          }
          res.send(String(bytes));
        }),
      strict,
    );
    const body = Buffer.alloc(3_000_000, 'u');
    const answer = await fetch(`${shop.url}/upload`, { method: 'POST', body });
    expect(await answer.text()).toBe(String(body.byteLength));
    await shop.finished(3);
  });

  test('a stream whose client leaves midway ends as aborted, and its source is closed', async () => {
    let closed = false;
    await using shop = await openShop(
      express,
      (app) =>
        app.get('/endless', (_req, res) => {
          const source = new Readable({ read: () => void source.push('more '.repeat(1_000)) });
          source.once('close', () => {
            closed = true;
          });
          pipeline(source, res).catch(() => {});
        }),
      strict,
    );
    const client = await rawClient(shop.port);
    client.send(request('GET /endless HTTP/1.1'));
    await client.receives('more more');
    client.socket.destroy();
    const entries = await shop.finished(3);
    expect(stagesOf(entries)).toEqual([
      'received unknown null',
      'responding success 200',
      'completed aborted 200',
    ]);
    await until(() => closed);
  });

  test('an error after the header is a failure, as it is without', async () => {
    await using shop = await openShop(
      express,
      (app) => {
        app.get('/half', (_req, res) => {
          res.write('half');
          throw new Error('the other half is missing');
        });
        app.use(auditErrors());
      },
      strict,
    );
    const client = await rawClient(shop.port);
    client.send(request('GET /half HTTP/1.1'));
    expect(await client.over()).not.toContain('missing');
    const entries = await shop.finished(2);
    expect(entries.at(-1)).toMatchObject({
      outcome: 'failure',
      data: { stage: 'completed' },
      error: { message: 'the other half is missing' },
    });
  });

  test('domain events and context in the handler belong to the request', async () => {
    await using shop = await openShop(
      express,
      (app) =>
        app.post('/orders', async (req, res) => {
          req.audit.actor = { type: 'user', id: 'u42' };
          await shopLog().record({
            type: 'data.create',
            operation: 'order',
            resource: { type: 'order', id: 'o1' },
            outcome: 'success',
          });
          res.sendStatus(201);
        }),
      strict,
    );
    const shopLog = () => shop.log;
    await fetch(`${shop.url}/orders`, { method: 'POST', headers: { 'x-request-id': 'order-1' } });
    await shop.finished(3);
    const all = [];
    for await (const entry of shop.log.entries()) if (!entry.type.startsWith('log.')) all.push(entry);
    expect(all.map(({ type, trace, actor }) => `${type} ${trace?.requestId} ${actor?.id}`)).toEqual([
      'http.request order-1 anonymous',
      'data.create order-1 u42',
      'http.request order-1 u42',
      'http.request order-1 u42',
    ]);
  });

  test('a file whose answer cannot be recorded does not leave', async () => {
    const { log, store, entries } = await openStagedLog();
    const app = express();
    app.set('env', 'test');
    app.use(auditExpress({ log, ...strict }));
    routes(app, express);
    const server = await listen(app);
    for (const path of ['/file', '/stream', '/events', '/json']) {
      store.before = (batch) => {
        if (batch.some(({ data }) => data?.stage === 'responding')) throw new Error('the disk fails');
      };
      const answer = await fetch(server.url + path);
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain('its answer is withheld');
      store.before = () => {};
      await log.flush();
    }
    await until(
      async () => stagesOf(await entries()).filter((stage) => stage === 'completed failure 503').length === 4,
    );
    await server.close();
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  });
});

test('what a compressed answer holds is what is recorded of it', async () => {
  const [, express] = VERSIONS[0]!;
  await using shop = await openShop(
    express,
    (app) => {
      app.use(compression({ threshold: 0 }) as unknown as RequestHandler);
      app.get('/json', (_req, res) => void res.json({ list: Array.from({ length: 200 }, (_, n) => n) }));
    },
    { ...{ onFailure: 'strict' }, detail: 'request-response' } as AuditExpressOptions,
  );
  const client = await rawClient(shop.port);
  client.send(request('GET /json HTTP/1.1', { 'Accept-Encoding': 'gzip', Connection: 'close' }));
  expect(await client.over()).toMatch(/content-encoding: gzip/i);
  const entries = await shop.finished(3);
  expect(entries[2]?.data?.responseBody).toMatchObject({
    content: { list: expect.arrayContaining([0, 199]) },
  });
});
