import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { describe, expect, test } from 'vitest';
import { CROWD, expectOneOutcomeEach, gatherCrowd, LEAVING } from '../../http/test/crowd.ts';
import { rawClient, request } from '../../http/test/wire.ts';
import type { AuditExpressOptions } from '../src/index.ts';
import { type ExpressFactory, openShop, VERSIONS } from './shop.ts';

describe.each(VERSIONS)('%s: under traffic every request is one entry', (_name, express) => {
  test('many requests on one connection', async () => {
    await using shop = await openShop(express, (app) =>
      app.get('/n/:n', (req, res) => void res.send(req.params.n)),
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let n = 0; n < 100; n++) {
      const [response] = await once(get(`${shop.url}/n/${n}`, { agent }), 'response');
      await response.resume().toArray();
    }
    agent.destroy();
    const entries = await shop.finished(100);
    expect(entries.map((entry) => entry.data?.path)).toEqual(
      Array.from({ length: 100 }, (_, n) => `/n/${n}`),
    );
  });

  test('pipelined requests whose client leaves while the first is being answered', async () => {
    await using shop = await openShop(express, (app) => {
      app.get('/slow', () => {});
      app.get('/quick', (_req, res) => void res.send('too late'));
    });
    const client = await rawClient(shop.port);
    client.send(
      request('GET /slow HTTP/1.1') + request('GET /quick HTTP/1.1') + request('GET /quick HTTP/1.1'),
    );
    await (await fetch(`${shop.url}/elsewhere`)).text();
    client.socket.destroy();
    const entries = await shop.finished(4);
    const answers = entries.map((entry) => `${entry.data?.path} ${entry.outcome} ${entry.data?.status}`);
    expect(answers.sort()).toEqual([
      '/elsewhere failure 404',
      '/quick aborted null',
      '/quick aborted null',
      '/slow aborted null',
    ]);
  });

  test('a client that leaves while the middleware before us is waiting', async () => {
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await using shop = await openShop(express, () => {});
    const { auditExpress } = await import('../src/index.ts');
    const app = express();
    app.use((_req, res, next) => {
      arrived();
      res.once('close', () => next());
    });
    app.use(auditExpress({ log: shop.log }));
    app.get('/late', (_req, res) => void res.send('nobody is here'));
    shop.server.removeAllListeners('request');
    shop.server.on('request', app);
    const client = await rawClient(shop.port);
    client.send(request('GET /late HTTP/1.1'));
    await arrival;
    client.socket.destroy();
    const entries = await shop.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ outcome: 'aborted', data: { path: '/late', status: null } });
  });

  test('10,000 requests at once, of which a tenth hang up midway', { timeout: 180_000 }, async () => {
    const entries = await serveCrowd(express, CROWD);
    expect(entries).toHaveLength(CROWD);
    expectOneOutcomeEach(entries);
  });
});

test('10,000 requests at once in strict mode: three stages each, and one outcome', {
  timeout: 180_000,
}, async () => {
  const [, express] = VERSIONS[0]!;
  const entries = await serveCrowd(express, 3 * CROWD, { onFailure: 'strict' });
  expect(entries).toHaveLength(3 * CROWD);
  expectOneOutcomeEach(entries.filter(({ data }) => data?.stage === 'completed'));
});

/** Resolves with the entries of a crowd's requests, once there are `count`. */
async function serveCrowd(express: ExpressFactory, count: number, options: AuditExpressOptions = {}) {
  const crowd = gatherCrowd();
  await using shop = await openShop(
    express,
    (app) => {
      app.get('/stay/:n', async (req, res) => {
        await crowd.arrive();
        res.send(`stayed ${req.params.n}`);
      });
      app.get('/leave/:n', (_req, res) => {
        res.write('begun');
        // Being answered is being there.
        void crowd.arrive();
      });
    },
    options,
  );
  expect(await crowd.run(shop.port)).toBe(CROWD - CROWD / LEAVING);
  // Awaited here: the shop closes when this function returns.
  return await shop.finished(count);
}
