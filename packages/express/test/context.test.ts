import { getAuditContext } from '@audit/core';
import { describe, expect, test } from 'vitest';
import { openShop, VERSIONS } from './shop.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const ORDER = {
  type: 'data.read',
  operation: 'read order',
  resource: { type: 'order', id: '7' },
  outcome: 'success',
} as const;

describe.each(VERSIONS)('%s: what a handler records belongs to its request', (_name, express) => {
  test('req.audit, the log itself and code far away carry one trace and one actor', async () => {
    await using shop = await openShop(express, (app, { json }) => {
      app.use((req, _res, next) => {
        req.audit.actor = { type: 'user', id: 'u42' };
        next();
      });
      app.use(json());
      app.post('/orders', async (req, res) => {
        await req.audit.record({ ...ORDER, operation: 'by req.audit.record' });
        await shop.log.record({ ...ORDER, operation: 'by the log' });
        await new Promise((resolve) => setTimeout(resolve, 5));
        shop.log.emit({ ...ORDER, operation: 'by the log, later' });
        req.audit.emit({ ...ORDER, operation: 'by req.audit.emit' });
        res.send('fine');
      });
    });
    const response = await fetch(`${shop.url}/orders`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        traceparent: `00-${TRACE}-${SPAN}-01`,
        'user-agent': 'till',
      },
      body: '{"n":1}',
    });
    const requestId = response.headers.get('x-request-id');
    await response.text();
    await shop.finished(1);
    const entries = [];
    for await (const entry of shop.log.entries({ type: ['data.*', 'http.*'] })) entries.push(entry);
    expect(entries.map((entry) => entry.operation)).toEqual([
      'by req.audit.record',
      'by the log',
      'by the log, later',
      'by req.audit.emit',
      'POST /orders',
    ]);
    for (const entry of entries) {
      expect(entry.trace).toEqual({ requestId, traceId: TRACE, parentId: SPAN });
      expect(entry.actor).toEqual({ type: 'user', id: 'u42', ip: '127.0.0.1', userAgent: 'till' });
    }
  });

  test('an event’s own actor and trace win', async () => {
    await using shop = await openShop(express, (app) => {
      app.get('/', async (req, res) => {
        await req.audit.record({ ...ORDER, actor: { type: 'job', id: 'nightly' }, trace: { spanId: SPAN } });
        res.send('fine');
      });
    });
    await (await fetch(shop.url)).text();
    const [request] = await shop.finished(1);
    const entries = [];
    for await (const entry of shop.log.entries({ type: 'data.*' })) entries.push(entry);
    expect(entries[0]?.actor).toEqual({ type: 'job', id: 'nightly' });
    expect(entries[0]?.trace).toEqual({ requestId: request?.trace?.requestId, spanId: SPAN });
  });

  test('the actor option is asked after authentication has run', async () => {
    await using shop = await openShop(
      express,
      (app) => {
        app.use((req, _res, next) => {
          Object.assign(req, { user: { id: 42, name: 'Ada' } });
          next();
        });
        app.get('/', (_req, res) => void res.send('fine'));
      },
      {
        actor: (req) => {
          const { user } = req as { user?: { id: number; name: string } };
          return user && { type: 'user', id: String(user.id), name: user.name };
        },
      },
    );
    await (await fetch(shop.url)).text();
    const [entry] = await shop.finished(1);
    expect(entry?.actor).toMatchObject({ type: 'user', id: '42', name: 'Ada', ip: '127.0.0.1' });
  });

  test('req.audit.actor wins over the actor option, and can be taken back', async () => {
    await using shop = await openShop(
      express,
      (app) => {
        app.get('/set', (req, res) => {
          req.audit.actor = { type: 'user', id: 'set' };
          res.send(req.audit.actor.id);
        });
        app.get('/back', (req, res) => {
          req.audit.actor = { type: 'user', id: 'set' };
          req.audit.actor = undefined;
          res.send(req.audit.actor.id);
        });
      },
      { actor: () => ({ type: 'user', id: 'asked' }) },
    );
    expect(await (await fetch(`${shop.url}/set`)).text()).toBe('set');
    expect(await (await fetch(`${shop.url}/back`)).text()).toBe('asked');
    const entries = await shop.finished(2);
    expect(entries.map((entry) => entry.actor?.id)).toEqual(['set', 'asked']);
  });

  test('requests at the same time do not share their context', async () => {
    await using shop = await openShop(express, (app) => {
      app.get('/:n', async (req, res) => {
        req.audit.actor = { type: 'user', id: req.params.n };
        await new Promise((resolve) => setTimeout(resolve, 5));
        res.json({ actor: getAuditContext()?.actor?.id, requestId: getAuditContext()?.trace?.requestId });
      });
    });
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const response = await fetch(`${shop.url}/${n}`);
        expect(await response.json()).toEqual({
          actor: String(n),
          requestId: response.headers.get('x-request-id'),
        });
      }),
    );
    expect(await shop.finished(20)).toHaveLength(20);
  });

  test('a harmless request id of the client is kept and answered, any other replaced', async () => {
    await using shop = await openShop(express, (app) => app.get('/', (_req, res) => void res.send('fine')));
    const kept = await fetch(shop.url, { headers: { 'X-Request-Id': 'client-7' } });
    const replaced = await fetch(shop.url, { headers: { 'X-Request-Id': 'a b; c' } });
    expect(kept.headers.get('x-request-id')).toBe('client-7');
    expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    const entries = await shop.finished(2);
    expect(entries.map((entry) => entry.trace?.requestId)).toEqual([
      'client-7',
      replaced.headers.get('x-request-id'),
    ]);
  });
});
