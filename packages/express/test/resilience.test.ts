import { setAuditLog } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { warnings } from '../../http/test/warnings.ts';
import { listen } from '../../http/test/wire.ts';
import { auditExpress } from '../src/index.ts';
import { openShop, VERSIONS } from './shop.ts';

afterEach(() => setAuditLog(undefined));

describe.each(VERSIONS)('%s: recording never breaks a response', (_name, express) => {
  test('requests go on when the log is closed, with one warning', async () => {
    const seen = warnings();
    await using shop = await openShop(express, (app) => app.get('/', (_req, res) => void res.send('fine')));
    await (await fetch(shop.url)).text();
    await shop.finished(1);
    const again = await listen(shop.server.listeners('request')[0] as never);
    await shop.log.close();
    for (let n = 0; n < 3; n++) expect(await (await fetch(again.url)).text()).toBe('fine');
    await again.close();
    expect(seen.map((warning) => warning.code)).toEqual(['AUDIT_NOT_RECORDED']);
    expect(shop.log.health().lost.closed).toBe(3);
  });

  test('requests go on when no log is set, and are recorded once there is one', async () => {
    const seen = warnings();
    const app = express();
    app.use(auditExpress());
    app.get('/', (_req, res) => void res.send('fine'));
    const server = await listen(app);
    expect(await (await fetch(server.url)).text()).toBe('fine');
    const log = await createTestLog();
    setAuditLog(log);
    expect(await (await fetch(server.url)).text()).toBe('fine');
    await server.close();
    await log.flush();
    const entries = [];
    for await (const entry of log.entries({ type: 'http.request' })) entries.push(entry);
    expect(entries).toHaveLength(1);
    expect(seen.map((warning) => warning.message)).toEqual([expect.stringContaining('setAuditLog')]);
    await log.close();
  });

  test('req.audit.record rejects where no log is set, and emit does not throw', async () => {
    const app = express();
    app.use(auditExpress());
    const event = {
      type: 'data.read',
      operation: 'read',
      resource: { type: 'a', id: 'b' },
      outcome: 'success',
    } as const;
    app.get('/', async (req, res) => {
      const code = await req.audit.record(event).catch((error: { code: string }) => error.code);
      res.json({ code, id: req.audit.emit(event) });
    });
    const server = await listen(app);
    expect(await (await fetch(server.url)).json()).toEqual({ code: 'LOG_UNSET', id: '' });
    await server.close();
  });

  test.each(['actor', 'skip'] as const)(
    'an option %s that throws costs a warning, not the entry',
    async (option) => {
      const seen = warnings();
      const broken = () => {
        throw new Error('broken');
      };
      await using shop = await openShop(
        express,
        (app) => app.get('/', (_req, res) => void res.send('fine')),
        {
          [option]: broken,
        },
      );
      expect(await (await fetch(shop.url)).text()).toBe('fine');
      const [entry] = await shop.finished(1);
      expect(entry).toMatchObject({ outcome: 'success', actor: { type: 'anonymous' } });
      expect(seen.map((warning) => warning.code)).toEqual(['AUDIT_CALLBACK_FAILED']);
    },
  );

  test.each([
    ['a number for an id', { type: 'user', id: 7 }, { type: 'user', id: '7' }],
    ['a bare id', 'u42', { type: 'unknown', id: 'u42' }],
    ['no type', { id: 'u42' }, { type: 'unknown', id: 'u42' }],
  ])('an actor with %s is recorded', async (_what, actor, recorded) => {
    await using shop = await openShop(express, (app) => app.get('/', (_req, res) => void res.send('fine')), {
      actor: () => actor as never,
    });
    await (await fetch(shop.url)).text();
    const [entry] = await shop.finished(1);
    expect(entry?.actor).toMatchObject(recorded);
  });

  test('what is skipped is not recorded, but its domain events are', async () => {
    await using shop = await openShop(
      express,
      (app) => {
        app.get('/health', (req, res) => {
          req.audit.emit({
            type: 'system.error',
            operation: 'check',
            resource: { type: 'disk', id: 'd' },
            outcome: 'failure',
          });
          res.send('fine');
        });
        app.get('/', (_req, res) => void res.send('fine'));
      },
      { skip: (req, res) => req.path === '/health' && res.statusCode === 200 },
    );
    await (await fetch(`${shop.url}/health`)).text();
    await (await fetch(shop.url)).text();
    const entries = await shop.finished(1);
    expect(entries.map((entry) => entry.operation)).toEqual(['GET /']);
    const events = [];
    for await (const entry of shop.log.entries({ type: 'system.error' })) events.push(entry);
    expect(events).toHaveLength(1);
  });
});
