import { describe, expect, test } from 'vitest';
import { auditErrors, auditExpress } from '../src/index.ts';
import { openShop, VERSIONS } from './shop.ts';

describe.each(VERSIONS)('%s: the route of an entry is the pattern', (_name, express) => {
  const cases: readonly (readonly [what: string, path: string, route: string | undefined])[] = [
    ['of a plain route', '/users/42?tab=orders', '/users/:id'],
    ['with the mount of a router', '/api/users/42', '/api/users/:id'],
    [
      'with the parameters of every mount',
      '/shops/7/shelves/9/items/3',
      '/shops/:shop/shelves/:shelf/items/:item',
    ],
    [
      'with a percent-encoded parameter of a mount',
      '/shops/a%20b/shelves/9/items/3',
      '/shops/:shop/shelves/:shelf/items/:item',
    ],
    ['without a slash at the end for the root of a router', '/api', '/api'],
    ['of a sub-application', '/admin/reports/2026', '/admin/reports/:year'],
    ['of a router within a sub-application', '/admin/deep/er/x', '/admin/deep/er/:what'],
    ['of a list of paths', '/b', '/a | /b'],
    ['of a regular expression', '/api/version12', '/api/^\\/version(\\d+)$/'],
    ['of the route that failed inside a router', '/api/broken/1', '/api/broken/:id'],
    ['of the last mount that matched', '/shops/sale', '/shops/sale'],
    ['of nothing where nothing matched', '/api/nothing', undefined],
    ['of nothing for middleware', '/tools/ping', undefined],
  ];

  test.each(cases)('%s', async (_what, path, route) => {
    await using shop = await openShop(express, (app, { Router }) => {
      const done: import('express').RequestHandler = (_req, res) => void res.send('done');
      app.get('/users/:id', done);
      app.get(['/a', '/b'], done);

      const api = Router();
      api.get('/', done);
      api.get('/users/:id', done);
      api.get(/^\/version(\d+)$/, done);
      api.get('/broken/:id', (_req, _res, next) => next(new Error('broken')));
      app.use('/api', api);

      const items = Router({ mergeParams: true });
      items.get('/items/:item', done);
      const shelves = Router();
      shelves.use('/shelves/:shelf', items);
      app.use('/shops/:shop', shelves);
      const sale = Router();
      sale.get('/', done);
      app.use('/shops/sale', sale);

      const admin = express();
      admin.get('/reports/:year', done);
      const deep = Router();
      deep.get('/er/:what', done);
      admin.use('/deep', deep);
      app.use('/admin', admin);
      app.use('/tools', done);
      app.use(auditErrors());
    });
    await (await fetch(shop.url + path)).text();
    const entries = await shop.finished(1);
    expect(entries).toHaveLength(1);
    const plain = path.replace(/\?.*/, '');
    expect(entries[0]).toMatchObject({
      operation: `GET ${route ?? plain}`,
      resource: { type: 'route', id: route ?? plain },
      data: { path: plain },
    });
    expect(entries[0]?.data?.route).toBe(route);
  });

  test('handlers see baseUrl and route as ever', async () => {
    await using shop = await openShop(express, (app, { Router }) => {
      const api = Router();
      api.get('/users/:id', (req, res) => {
        res.json({
          base: req.baseUrl,
          path: req.route.path,
          url: req.url,
          original: req.originalUrl,
          params: req.params,
        });
      });
      app.use('/api', api);
    });
    expect(await (await fetch(`${shop.url}/api/users/1`)).json()).toEqual({
      base: '/api',
      path: '/users/:id',
      url: '/users/1',
      original: '/api/users/1',
      params: { id: '1' },
    });
  });

  test('mounted on a router it sees the pattern of that router', async () => {
    await using shop = await openShop(express, () => {});
    const app = express();
    const api = express.Router({ mergeParams: true });
    api.use(auditExpress({ log: shop.log }));
    api.get('/users/:id', (_req, res) => void res.send('fine'));
    app.use('/v/:version', api);
    shop.server.removeAllListeners('request');
    shop.server.on('request', app);
    await (await fetch(`${shop.url}/v/3/users/1`)).text();
    const [entry] = await shop.finished(1);
    expect(entry?.data?.route).toBe('/v/:version/users/:id');
  });

  test('mounted twice, and in a sub-application again, a request is still one entry', async () => {
    await using shop = await openShop(express, (app) => {
      const other = express();
      app.use(auditExpress());
      other.use(auditExpress());
      other.get('/x', (_req, res) => void res.send('fine'));
      app.use('/other', other);
    });
    await (await fetch(`${shop.url}/other/x`)).text();
    expect(await shop.finished(1)).toHaveLength(1);
  });
});
