import { describe, expect, test } from 'vitest';
import { warnings } from '../../http/test/warnings.ts';
import { openShop, VERSIONS } from './shop.ts';

describe.each(VERSIONS)('%s: the client’s address', (_name, express) => {
  test.each([
    ['without trust', false, '127.0.0.1'],
    ['with one trusted proxy', 1, '10.0.0.9'],
    ['with a proxy trusted by its address', 'loopback', '10.0.0.9'],
    ['with everything trusted', true, '6.6.6.6'],
  ])('%s', async (_what, trust, ip) => {
    const seen = warnings();
    await using shop = await openShop(express, (app) => {
      app.set('trust proxy', trust);
      app.get('/', (_req, res) => void res.send('fine'));
    });
    for (let n = 0; n < 2; n++) {
      await (await fetch(shop.url, { headers: { 'X-Forwarded-For': '6.6.6.6, 10.0.0.9' } })).text();
    }
    const [entry] = await shop.finished(2);
    expect(entry?.actor?.ip).toBe(ip);
    expect(entry?.data).toMatchObject({ peer: '127.0.0.1', forwardedFor: '6.6.6.6, 10.0.0.9' });
    expect(seen.map((warning) => warning.code)).toEqual(trust === true ? ['AUDIT_TRUST_PROXY'] : []);
  });
});
