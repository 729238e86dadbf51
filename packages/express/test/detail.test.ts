import type { Entry } from '@audit/core';
import { describe, expect, test } from 'vitest';
import { rawClient, request } from '../../http/test/wire.ts';
import { auditErrors } from '../src/index.ts';
import { openShop, VERSIONS } from './shop.ts';

/** What is recorded of a body. */
function contentOf(entry: Entry | undefined, body = 'requestBody'): unknown {
  return (entry?.data?.[body] as { readonly content?: unknown } | undefined)?.content;
}

const json = (body: unknown, method = 'POST'): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe.each(VERSIONS)('%s: how much is recorded of a request', (_name, express) => {
  test('by rule: method, route, status and actor; the first that matches', async () => {
    await using shop = await openShop(
      express,
      (app) => {
        app.use((req, _res, next) => {
          if (req.query.as) req.audit.actor = { type: 'service', id: String(req.query.as) };
          next();
        });
        app.get('/health', (_req, res) => void res.send('fine'));
        app.post('/orders/:id', (_req, res) => void res.status(201).json({ made: true }));
        app.post('/failing', (_req, res) => void res.status(500).json({ why: 'broken' }));
        app.post('/plain', (_req, res) => void res.json({ plain: true }));
      },
      {
        detail: [
          { route: '/health', detail: 'none' },
          { method: 'post', route: '/orders/*', detail: 'request' },
          { status: '5xx', detail: 'request-response' },
          { actor: 'service:billing', detail: 'request-response' },
        ],
      },
    );
    await (await fetch(`${shop.url}/health`)).text();
    await (await fetch(`${shop.url}/orders/7`, json({ n: 1 }))).text();
    await (await fetch(`${shop.url}/failing`, json({ n: 2 }))).text();
    await (await fetch(`${shop.url}/plain`, json({ n: 3 }))).text();
    await (await fetch(`${shop.url}/plain?as=billing`, json({ n: 4 }))).text();
    const entries = await shop.finished(4);
    expect(entries.map(({ operation, data }) => [operation, data?.requestBody, data?.responseBody])).toEqual([
      ['POST /orders/:id', { bytes: 7, content: { n: 1 } }, undefined],
      ['POST /failing', { bytes: 7, content: { n: 2 } }, { bytes: 16, content: { why: 'broken' } }],
      ['POST /plain', undefined, undefined],
      ['POST /plain', { bytes: 7, content: { n: 4 } }, { bytes: 14, content: { plain: true } }],
    ]);
  });

  test('bodies are recorded whoever reads them, and where nobody does', async () => {
    await using shop = await openShop(
      express,
      (app) => {
        app.post('/parsed', express.json(), (req, res) => void res.json(req.body));
        app.post('/piped', (req, res) => void req.pipe(res.type('json')));
        app.post('/unread', (_req, res) => void res.send('did not look'));
        app.post('/changed', express.json(), (req, res) => {
          req.body = { forged: true };
          res.end();
        });
      },
      { detail: 'request-response' },
    );
    for (const path of ['parsed', 'piped', 'changed']) {
      await (await fetch(`${shop.url}/${path}`, json({ sent: path }))).text();
    }
    await (await fetch(`${shop.url}/unread`, json({ sent: 'x'.repeat(100) }))).text();
    const entries = await shop.finished(4);
    expect(entries.slice(0, 3).map((entry) => contentOf(entry))).toEqual([
      { sent: 'parsed' },
      { sent: 'piped' },
      { sent: 'changed' },
    ]);
    expect(contentOf(entries[1], 'responseBody')).toEqual({ sent: 'piped' });
    expect(entries[3]?.data?.responseBody).toEqual({ bytes: 12, content: 'did not look' });
  });

  test('bodies are redacted, their secrets wherever else they show, and cut to the limit', async () => {
    await using shop = await openShop(
      express,
      (app) => {
        app.post('/login', express.json({ limit: '1mb' }), (req) => {
          throw new Error(`no login with ${req.body.password}`);
        });
        app.use(auditErrors());
      },
      { detail: 'request-response', maxBody: 200 },
    );
    const secret = 's3cret-7f3a9c-body';
    const sent = { user: 'ada', password: secret, deep: [{ apiKey: `${secret}-0` }], note: 'harmless' };
    await (await fetch(`${shop.url}/login`, json(sent))).text();
    await (await fetch(`${shop.url}/login`, json({ ...sent, long: `${'x'.repeat(500)}${secret}` }))).text();
    const half = { pad: 'y'.repeat(150), password: { first: `${secret}-1`, second: `${secret}-2` } };
    await (await fetch(`${shop.url}/login`, json(half))).text();
    const entries = await shop.finished(3);
    expect(JSON.stringify(entries)).not.toContain(secret);
    expect(contentOf(entries[0])).toEqual({
      user: 'ada',
      password: '[REDACTED]',
      deep: [{ apiKey: '[REDACTED]' }],
      note: 'harmless',
    });
    expect(entries[0]?.redacted).toContain('/data/requestBody/content/password');
    expect(entries[1]?.data?.requestBody).toMatchObject({
      truncated: true,
      content: { user: 'ada', note: 'harmless' },
    });
    expect(entries[2]?.data?.requestBody).toMatchObject({
      truncated: true,
      content: { pad: 'y'.repeat(150) },
    });
  });

  test('a body whose client leaves midway is told as far as it came', async () => {
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    await using shop = await openShop(
      express,
      (app) => app.post('/', (req) => void req.once('data', () => arrive())),
      { detail: 'request' },
    );
    const client = await rawClient(shop.port);
    client.send(
      `${request('POST / HTTP/1.1', { 'Content-Type': 'application/json', 'Content-Length': '100' })}{"a":1,"b":`,
    );
    await arrived;
    client.socket.destroy();
    const [entry] = await shop.finished(1);
    expect(entry).toMatchObject({ outcome: 'aborted', data: { requestBody: { bytes: 11 } } });
  });

  test('a form keeps its fields, without what is secret', async () => {
    await using shop = await openShop(
      express,
      (app) => app.post('/', express.urlencoded({ extended: true }), (_req, res) => void res.end()),
      { detail: 'request' },
    );
    const body = new URLSearchParams({ 'user[password]': 's3cret-form', remark: 'harmless' });
    await (await fetch(shop.url, { method: 'POST', body })).text();
    const [entry] = await shop.finished(1);
    const content = contentOf(entry);
    expect(content).toContain('remark=harmless');
    expect(content).not.toContain('s3cret');
  });
});
