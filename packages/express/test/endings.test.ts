import { pipeline, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { rawClient, request } from '../../http/test/wire.ts';
import { auditErrors } from '../src/index.ts';
import { openShop, VERSIONS } from './shop.ts';

describe.each(VERSIONS)('%s: whatever ends an exchange, it is one entry', (_name, express) => {
  test.each([
    ['an answer', '/ok', 200, 'success'],
    ['an answer without content', '/empty', 204, 'success'],
    ['a redirect', '/moved', 302, 'success'],
    ['not modified', '/same', 304, 'success'],
    ['a refusal for want of a login', '/login-first', 401, 'denied'],
    ['a refusal', '/forbidden', 403, 'denied'],
    ['a bad request', '/bad', 400, 'failure'],
    ['no such route', '/nowhere', 404, 'failure'],
    ['a server error', '/down', 503, 'failure'],
  ])('%s', async (_case, path, status, outcome) => {
    await using shop = await openShop(express, (app) => {
      app.get('/ok', (_req, res) => void res.send('fine'));
      app.get('/empty', (_req, res) => void res.status(204).end());
      app.get('/moved', (_req, res) => res.redirect('/ok'));
      app.get('/same', (_req, res) => void res.status(304).end());
      app.get('/login-first', (_req, res) => void res.sendStatus(401));
      app.get('/forbidden', (_req, res) => void res.sendStatus(403));
      app.get('/bad', (_req, res) => void res.sendStatus(400));
      app.get('/down', (_req, res) => void res.sendStatus(503));
    });
    await (await fetch(shop.url + path, { redirect: 'manual' })).text();
    const entries = await shop.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      type: 'http.request',
      outcome,
      data: { method: 'GET', path, status },
    });
  });

  test('HEAD is recorded as HEAD', async () => {
    await using shop = await openShop(express, (app) => app.get('/ok', (_req, res) => void res.send('fine')));
    await fetch(`${shop.url}/ok`, { method: 'HEAD' });
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({
      operation: 'HEAD /ok',
      outcome: 'success',
      data: { method: 'HEAD', status: 200 },
    });
  });

  test('a handler that throws is a failure with its error', async () => {
    await using shop = await openShop(express, (app) => {
      app.get('/boom', () => {
        throw new RangeError('the shelf is empty');
      });
      app.use(auditErrors());
    });
    expect((await fetch(`${shop.url}/boom`)).status).toBe(500);
    const entries = await shop.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      outcome: 'failure',
      operation: 'GET /boom',
      error: { name: 'RangeError', message: 'the shelf is empty' },
      data: { status: 500 },
    });
  });

  test('an error passed to next is a failure with its code, and answered by whoever answers errors', async () => {
    await using shop = await openShop(express, (app) => {
      app.get('/boom', (_req, _res, next) =>
        next(Object.assign(new Error('no such user'), { code: 'E_USER' })),
      );
      app.use(auditErrors());
      app.use(
        ((error, _req, res, _next) =>
          void res.status(422).send(error.message)) as import('express').ErrorRequestHandler,
      );
    });
    const response = await fetch(`${shop.url}/boom`);
    expect([response.status, await response.text()]).toEqual([422, 'no such user']);
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({ outcome: 'failure', error: { code: 'E_USER' }, data: { status: 422 } });
  });

  test('without auditErrors an error is still a failure', async () => {
    await using shop = await openShop(express, (app) =>
      app.get('/boom', (_req, _res, next) => next(new Error('x'))),
    );
    await (await fetch(`${shop.url}/boom`)).text();
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({ outcome: 'failure', data: { status: 500 } });
    expect(entry).not.toHaveProperty('error');
  });

  test('an error after the header was sent is a failure with the status that was sent', async () => {
    await using shop = await openShop(express, (app) => {
      app.get('/half', (_req, res, next) => {
        res.write('half');
        next(new Error('the other half is missing'));
      });
      app.use(auditErrors());
    });
    await expect(fetch(`${shop.url}/half`).then((response) => response.text())).rejects.toThrow();
    const entries = await shop.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      outcome: 'failure',
      error: { message: 'the other half is missing' },
      data: { status: 200 },
    });
  });

  test('res.destroy with an error is a failure without a status', async () => {
    await using shop = await openShop(express, (app) =>
      app.get('/cut', (_req, res) => void res.destroy(new Error('cut'))),
    );
    await expect(fetch(`${shop.url}/cut`)).rejects.toThrow();
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({ outcome: 'failure', error: { message: 'cut' }, data: { status: null } });
  });

  test('res.destroy without one is a failure too', async () => {
    await using shop = await openShop(express, (app) => app.get('/cut', (_req, res) => void res.destroy()));
    await expect(fetch(`${shop.url}/cut`)).rejects.toThrow();
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({ outcome: 'failure', data: { status: null } });
  });

  test('a source that fails mid-stream is a failure, even with the error a lost client would give', async () => {
    await using shop = await openShop(express, (app) => {
      app.get('/proxied', (_req, res) => {
        const upstream = new Readable({ read() {} });
        upstream.push('first');
        pipeline(upstream, res, () => {});
        res.once('pipe', () => {});
        setTimeout(
          () => upstream.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })),
          20,
        );
      });
    });
    await expect(fetch(`${shop.url}/proxied`).then((response) => response.text())).rejects.toThrow();
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({ outcome: 'failure', error: { code: 'ECONNRESET' }, data: { status: 200 } });
  });

  test.each(['destroy', 'resetAndDestroy', 'end'] as const)(
    'a client that leaves (%s) before the header is an abort without a status',
    async (leave) => {
      let arrived = () => {};
      const arrival = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      await using shop = await openShop(express, (app) => app.get('/slow/:id', () => arrived()));
      const client = await rawClient(shop.port);
      client.send(request('GET /slow/1 HTTP/1.1', { 'User-Agent': 'impatient' }));
      await arrival;
      client.socket[leave]();
      const entries = await shop.finished(1);
      expect(entries).toHaveLength(1);
      expect(entries[0]).toMatchObject({
        outcome: 'aborted',
        operation: 'GET /slow/:id',
        actor: { type: 'anonymous', id: 'anonymous', ip: '127.0.0.1', userAgent: 'impatient' },
        data: { status: null, peer: '127.0.0.1' },
      });
    },
  );

  test.each(['destroy', 'resetAndDestroy'] as const)(
    'a client that leaves (%s) mid-stream is an abort with the status that was sent',
    async (leave) => {
      await using shop = await openShop(express, (app) => {
        app.get('/endless', (_req, res) => {
          const timer = setInterval(() => res.write('x'.repeat(1000)), 2);
          res.once('close', () => clearInterval(timer));
        });
      });
      const client = await rawClient(shop.port);
      client.send(request('GET /endless HTTP/1.1'));
      await client.receives('xxx');
      client.socket[leave]();
      const [entry] = await shop.finished(1);
      expect(entry).toMatchObject({ outcome: 'aborted', data: { status: 200 } });
    },
  );

  test('a client that leaves while a large answer waits in the buffers is an abort', async () => {
    let ended = () => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    await using shop = await openShop(express, (app) => {
      app.get('/large', (_req, res) => {
        res.end(Buffer.alloc(20_000_000));
        ended();
      });
    });
    const client = await rawClient(shop.port);
    client.socket.pause();
    client.send(request('GET /large HTTP/1.1'));
    await end;
    client.socket.resetAndDestroy();
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({ outcome: 'aborted', data: { status: 200 } });
  });

  test('a server that destroys the socket under an answer that waits is a failure', async () => {
    await using shop = await openShop(express, (app) => {
      app.get('/large', (req, res) => {
        res.end(Buffer.alloc(20_000_000));
        setTimeout(() => req.socket.destroy(), 20);
      });
    });
    const client = await rawClient(shop.port);
    client.socket.pause();
    client.send(request('GET /large HTTP/1.1'));
    const [entry] = await shop.finished(1);
    client.socket.destroy();
    expect(entry).toMatchObject({ outcome: 'failure', data: { status: 200 } });
  });

  test.each(['destroy', 'resetAndDestroy'] as const)(
    'a handler that answers a client already gone (%s) does not make it a success',
    async (leave) => {
      let arrived = () => {};
      const arrival = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      await using shop = await openShop(express, (app) => {
        app.get('/farewell', (req, res) => {
          req.once('aborted', () => res.send('come again'));
          arrived();
        });
      });
      const client = await rawClient(shop.port);
      client.send(request('GET /farewell HTTP/1.1'));
      await arrival;
      client.socket[leave]();
      const [entry] = await shop.finished(1);
      expect(entry).toMatchObject({ outcome: 'aborted', data: { status: null } });
    },
  );

  test('a client that half-closes and reads on gets its answer: a success', async () => {
    await using shop = await openShop(express, (app) => {
      app.get('/large', (_req, res) => void res.end(Buffer.alloc(5_000_000, 'x')));
    });
    const client = await rawClient(shop.port);
    client.socket.pause();
    client.send(request('GET /large HTTP/1.1', { Connection: 'close' }));
    client.socket.end();
    setTimeout(() => client.socket.resume(), 30);
    expect((await client.over()).length).toBeGreaterThan(5_000_000);
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({ outcome: 'success', data: { status: 200 } });
  });

  test('an upload cut short is an abort', async () => {
    await using shop = await openShop(express, (app, { json }) => {
      app.use(json());
      app.post('/upload', (_req, res) => void res.send('thanks'));
      app.use(auditErrors());
    });
    const client = await rawClient(shop.port);
    client.send(
      'POST /upload HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":',
    );
    // No answer tells that the server has begun to read: give it the time of another exchange.
    await (await fetch(`${shop.url}/elsewhere`)).text();
    client.socket.destroy();
    const entries = await shop.finished(2);
    expect(entries).toHaveLength(2);
    expect(entries.find((entry) => entry.data?.path === '/upload')).toMatchObject({ outcome: 'aborted' });
  });

  test('an upload refused before its end is a failure, not an abort', async () => {
    await using shop = await openShop(express, (app, { json }) => {
      app.use(json({ limit: 10 }));
      app.post('/upload', (_req, res) => void res.send('thanks'));
      app.use(auditErrors());
    });
    const response = await fetch(`${shop.url}/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ much: 'x'.repeat(100) }),
    });
    expect(response.status).toBe(413);
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({ outcome: 'failure', data: { status: 413 } });
  });

  test('a body that is no HTTP is a failure with the parser’s error', async () => {
    await using shop = await openShop(express, (app) => app.post('/upload', (req) => void req.resume()));
    const client = await rawClient(shop.port);
    client.send('POST /upload HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n');
    await client.over();
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({
      outcome: 'failure',
      error: { code: 'HPE_INVALID_CHUNK_SIZE' },
      data: { status: null },
    });
  });

  test('HTTP/1.0 is recorded as such', async () => {
    await using shop = await openShop(express, (app) =>
      app.get('/old', (_req, res) => void res.send('fine')),
    );
    const client = await rawClient(shop.port);
    client.send('GET /old HTTP/1.0\r\n\r\n');
    expect(await client.over()).toContain('fine');
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({ outcome: 'success', data: { protocol: 'HTTP/1.0', status: 200 } });
  });
});

test('Express 5: a promise that rejects is a failure with its error', async () => {
  const [, express] = VERSIONS[0]!;
  await using shop = await openShop(express, (app) => {
    app.get('/boom', async () => {
      await Promise.resolve();
      throw new Error('rejected');
    });
    app.use(auditErrors());
  });
  expect((await fetch(`${shop.url}/boom`)).status).toBe(500);
  const [entry] = await shop.finished(1);
  expect(entry).toMatchObject({ outcome: 'failure', error: { message: 'rejected' }, data: { status: 500 } });
});
