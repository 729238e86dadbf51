import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openShop, VERSIONS } from './shop.ts';

const SIZE = 300_000;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-express-'));
  await writeFile(join(folder, 'large.txt'), 'x'.repeat(SIZE));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(VERSIONS)('%s: what is sent in whichever way is counted', (_name, express) => {
  test.each([
    ['express.static', '/files/large.txt'],
    ['res.sendFile', '/file'],
    ['a stream', '/stream'],
    ['res.json', '/json'],
  ])('%s', async (_way, path) => {
    await using shop = await openShop(express, (app) => {
      app.use('/files', express.static(folder));
      app.get('/file', (_req, res) => res.sendFile(join(folder, 'large.txt')));
      app.get('/stream', (_req, res) => void createReadStream(join(folder, 'large.txt')).pipe(res));
      app.get('/json', (_req, res) => void res.json('x'.repeat(SIZE)));
    });
    const body = await (await fetch(shop.url + path)).text();
    expect(body.length).toBeGreaterThanOrEqual(SIZE);
    const entries = await shop.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ outcome: 'success', data: { status: 200, path } });
    const bytes = entries[0]?.data?.responseBytes as number;
    expect(bytes).toBeGreaterThan(SIZE);
    expect(bytes).toBeLessThan(SIZE + 2_000);
  });

  test('an upload is counted on the way in', async () => {
    await using shop = await openShop(express, (app) => {
      app.post('/upload', (req, res) => void req.resume().once('end', () => res.send('thanks')));
    });
    const upload = { method: 'POST', body: 'y'.repeat(SIZE) };
    await (await fetch(`${shop.url}/upload`, upload)).text();
    await (await fetch(`${shop.url}/upload`, { ...upload, body: 'y' })).text();
    const [large, small] = await shop.finished(2);
    expect(large?.data?.requestBytes as number).toBeGreaterThan(SIZE);
    expect(large?.data?.requestBytes as number).toBeLessThan(SIZE + 2_000);
    expect(small?.data?.requestBytes as number).toBeLessThan(2_000);
  });

  test('no body is in the entry', async () => {
    await using shop = await openShop(express, (app) => {
      app.use(express.json());
      app.post('/echo', (req, res) => void res.json(req.body));
    });
    const body = JSON.stringify({ remark: 'a-remark-of-mine' });
    await (
      await fetch(`${shop.url}/echo`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
    ).text();
    const [entry] = await shop.finished(1);
    expect(JSON.stringify(entry)).not.toContain('a-remark-of-mine');
  });
});
