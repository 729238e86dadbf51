// After the tour the shop stays open, tells each entry as it is written, and closes cleanly on a signal.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseVerifierKey, verifyDirectory } from '@audit/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Demo, newFolder } from './support/demo.ts';

/** Waits for the tour to end. Gives what the lines to try are made of. */
async function opened(demo: Demo) {
  const pattern = /day at the shop on (\S+).*NestJS at ([^\s,]+).*stays open.*--oauth2-bearer (\S+)/s;
  const [, shop, warehouse, token] = await demo.saw(pattern);
  return { shop: shop!, warehouse: warehouse!, token: token! };
}

function order(shop: string, token: string): Promise<Response> {
  return fetch(`${shop}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ product: 'p1', quantity: 1 }),
  });
}

describe('the demo stays open', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['SIGINT', 'SIGTERM'] as const)('until %s closes the log behind it', async (signal) => {
    const demo = new Demo(folder, '--port', '0');
    const [, url, vkey] = await demo.saw(/on (http:\S+).*VKEY=(\S+).*stays open/s);
    await fetch(`${url}/products/p1`);
    await demo.saw(/stays open.*http\.request +success +GET \/products\/:id/s);
    demo.signal(signal);
    const { status, stdout, stderr } = await demo.ended;
    expect(stderr).toBe('');
    expect(status).toBe(0);

    const report = await verifyDirectory(join(folder, 'audit-log'), { keys: [parseVerifierKey(vkey!)] });
    expect(report).toMatchObject({ verdict: 'intact', findings: [] });
    expect(stdout).toContain(`Closed, with ${report.size} entries`);
  });

  test('it tells an order, what the logger says, and what the warehouse refuses', async () => {
    const demo = new Demo(folder, '--port', '0');
    const { shop, warehouse, token } = await opened(demo);
    const response = await order(shop, token);
    expect(response.status).toBe(201);
    await fetch(`${warehouse}/reservations`, { method: 'POST' });
    for (const line of [
      /winston +reserved at the warehouse$/m,
      /winston +order placed \(audit: true\)$/m,
      /application\.log +unknown +order placed by ada$/m,
      /stock\.reserve +success +reserve: order \w{8} by shop$/m,
      /http\.request +success +POST \/orders by ada$/m,
      /stock\.reserve +denied +reserve: order unknown$/m,
      /http\.request +denied +POST \/reservations$/m,
    ]) {
      await demo.saw(new RegExp(`stays open.*${line.source}`, 'ms'));
    }
    demo.signal('SIGINT');
    const { status, stdout, stderr } = await demo.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
  });

  test('it answers for its health and its metrics, and that is no event', async () => {
    const demo = new Demo(folder, '--port', '0');
    const { shop } = await opened(demo);
    const readiness = await fetch(`${shop}/readyz`);
    expect(readiness.status).toBe(200);
    const parts = ((await readiness.json()) as { checks: { name: string }[] }).checks.map(({ name }) => name);
    expect(parts).toEqual(
      expect.arrayContaining(['log', 'disk of the log', 'maintenance', 'verification', 'alerting']),
    );
    const metrics = await (await fetch(`${shop}/metrics`)).text();
    expect(metrics).toMatch(/^audit_events_total [1-9]\d*$/m);
    await fetch(`${shop}/products`);
    await demo.saw(/stays open.*http\.request +success +GET \/products/s);
    demo.signal('SIGINT');
    const { stdout } = await demo.ended;
    expect(stdout.slice(stdout.indexOf('stays open'))).not.toMatch(/http\.request.*(?:readyz|metrics)/);
  });

  test('an order under way when it closes is answered, and all it leaves is in the log', async () => {
    const demo = new Demo(folder, '--port', '0');
    const { shop, token } = await opened(demo);
    const answer = order(shop, token);
    await demo.saw(/stays open.*reserved at the warehouse/s);
    demo.signal('SIGTERM');
    expect((await answer).status).toBe(201);
    const { status, stdout, stderr } = await demo.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [, after] = stdout.split('stays open');
    expect(after?.match(/^ +\d+ [\d:]{8} \w+ +(?!log\.)\S+/gm)).toHaveLength(6);
  });

  test('a tour that is interrupted closes the log, too', async () => {
    const demo = new Demo(folder, '--port', '0');
    await demo.saw(/look around/);
    demo.signal('SIGINT');
    const { status, stdout, stderr } = await demo.ended;
    expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
    const vkey = readFileSync(join(folder, 'audit-log', 'log.vkey'), 'utf8').trim();
    const report = await verifyDirectory(join(folder, 'audit-log'), { keys: [parseVerifierKey(vkey)] });
    expect(report).toMatchObject({ verdict: 'intact', findings: [] });
    expect(stdout).toContain(`Closed, with ${report.size} entries`);
  });

  test('a request under way when it closes is ended, and in the log as failed', async () => {
    const demo = new Demo(folder, '--port', '0');
    const [, url] = await demo.saw(/on (http:\S+).*stays open/s);
    const response = await fetch(`${url}/report`);
    demo.signal('SIGTERM');
    await response.text().catch(() => {});
    const { stdout } = await demo.ended;
    expect(stdout).toMatch(/stays open.*http\.request +failure +GET \/report/s);
  });
});
