// Health and metrics over real HTTP: by a server of their own, and inside of an application's.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryStore, openAuditLog } from '@audit/core';
import { testSigner } from '@audit/core/testing';
import { listenForMonitoring, type Monitoring, type MonitoringSource, startMonitoring } from '@audit/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EVENT } from '../effects/logs.ts';
import { Place } from '../support/place.ts';
import { readExposition, valueIn } from '../support/prometheus.ts';

const monitoring = { address: '127.0.0.1', port: 0, disk: { interval: 60_000, ladder: {} } };

async function get(url: string): Promise<{ status: number; text: string; type: string | null }> {
  const response = await fetch(url, { headers: { connection: 'close' } });
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
}

describe('a log in a directory', () => {
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.remove());

  test('tells what it has done and where it stands, in the format of Prometheus and the names of its conventions', async () => {
    const log = await place.open();
    const served = await startMonitoring({ log, monitoring });
    for (let n = 0; n < 5; n++) await log.record(EVENT);
    log.emit(null as never);
    await log.flush();
    const { status, text, type } = await get(`${served.url}/metrics`);
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const metrics = readExposition(text);
    for (const [name, metric] of metrics) {
      expect(metric.help, name).toMatch(/\.$/);
      expect(name.endsWith('_total'), name).toBe(metric.type === 'counter');
      expect(name, name).toMatch(/^(?:audit|process)_[a-z_]+$/);
      if (/bytes/.test(metric.help.toLowerCase())) expect(name).toContain('bytes');
      if (/seconds/.test(metric.help.toLowerCase())) expect(name).toContain('seconds');
    }
    const { entries, bytes, batches, sync, signing } = log.stats();
    expect(entries).toBe(7); // log.create, five events, log.gap
    expect(valueIn(text, 'audit_events_total')).toBe(entries);
    expect(valueIn(text, 'audit_event_bytes_total')).toBe(bytes);
    expect(valueIn(text, 'audit_batches_total')).toBe(batches);
    expect(valueIn(text, 'audit_log_entries')).toBe(7);
    expect(valueIn(text, 'audit_log_up')).toBe(1);
    expect(valueIn(text, 'audit_spool_events')).toBe(0);
    expect(valueIn(text, 'audit_lost_events_total', { reason: 'invalid' })).toBe(1);
    const histogram = (name: string, suffix: string) =>
      metrics.get(name)!.samples.find((sample) => sample.suffix === suffix)!.value;
    expect(histogram('audit_sync_seconds', '_count')).toBe(sync.count);
    expect(histogram('audit_sync_seconds', '_sum')).toBeCloseTo(sync.sumMs / 1_000);
    expect(histogram('audit_signing_seconds', '_count')).toBe(signing.count);
    expect(valueIn(text, 'audit_disk_free_bytes', { place: 'log' })).toBeGreaterThan(0);
    expect(valueIn(text, 'audit_disk_action', { action: 'halt' })).toBe(0);
    expect(valueIn(text, 'audit_log_size_bytes')).toBeGreaterThan(bytes);
    await served.stop();
    await place.closeIntact(log);
  });

  test('is alive, and ready as long as it takes events', async () => {
    const log = await place.open();
    const served = await startMonitoring({ log, monitoring });
    expect(await get(`${served.url}/healthz`)).toMatchObject({
      status: 200,
      text: '{\n  "status": "ok"\n}\n',
    });
    const ready = await get(`${served.url}/readyz`);
    expect([ready.status, ready.type]).toEqual([200, 'application/json; charset=utf-8']);
    expect(JSON.parse(ready.text)).toEqual({
      status: 'ok',
      checks: [
        { name: 'log', status: 'ok', reasons: [] },
        { name: 'disk of the log', status: 'ok', reasons: [] },
      ],
    });
    await place.closeIntact(log);
    const closed = await get(`${served.url}/readyz`);
    expect(closed.status).toBe(503);
    expect(JSON.parse(closed.text)).toMatchObject({
      status: 'failed',
      checks: [{ name: 'log', status: 'failed', reasons: ['The log is closed: open it again.'] }, {}],
    });
    expect((await get(`${served.url}/healthz`)).status).toBe(200);
    await served.stop();
    await served.stop();
    await expect(get(`${served.url}/healthz`)).rejects.toThrow();
  });
});

describe('what is degraded', () => {
  test('is ready, and says why; what has failed is not', async () => {
    const origin = 'policy.example/audit';
    const signer = testSigner(origin);
    let away = false;
    const log = await openAuditLog({
      ...{ origin, store: createMemoryStore() },
      signer: {
        key: signer.key,
        sign(text) {
          if (away) throw new Error('the signer is away');
          return signer.sign(text);
        },
      },
    });
    let broken = false;
    const source: MonitoringSource = {
      checks: () => [
        { name: 'mine', status: broken ? 'failed' : 'ok', reasons: broken ? ['It broke.'] : [] },
      ],
      metrics: async () => [{ name: 'mine', help: 'Mine.', type: 'gauge', samples: [{ value: 7 }] }],
    };
    const served = await startMonitoring({ log, monitoring, sources: [source] });
    away = true;
    const degraded = new Promise((resolve) => log.on('degraded', resolve));
    log.emit(EVENT);
    await degraded;
    const told = await get(`${served.url}/readyz`);
    expect(told.status).toBe(200);
    expect(JSON.parse(told.text)).toMatchObject({
      status: 'degraded',
      // In memory there is no disk to be full.
      checks: [
        { name: 'log', status: 'degraded', reasons: [expect.stringContaining('signer')] },
        { name: 'mine' },
      ],
    });
    expect(valueIn((await get(`${served.url}/metrics`)).text, 'audit_log_up')).toBe(0);
    broken = true;
    const failed = await get(`${served.url}/readyz`);
    expect([failed.status, JSON.parse(failed.text).status]).toEqual([503, 'failed']);
    expect(served.status()).toMatchObject({ ready: false, status: 'failed' });
    away = false;
    await log.flush();
    const { text } = await get(`${served.url}/metrics`);
    expect(valueIn(text, 'mine')).toBe(7);
    expect(valueIn(text, 'audit_queue_events')).toBe(0);
    expect(readExposition(text).get('audit_log_size_bytes')!.samples).toEqual([]);
    await served.stop();
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  });
});

describe("in an application's own server", () => {
  let server: Server;
  afterEach(() => void server.close());

  async function listening(): Promise<string> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function withHandler(use: (served: Monitoring) => Promise<void>): Promise<void> {
    const origin = 'policy.example/audit';
    const log = await openAuditLog({ origin, store: createMemoryStore(), signer: testSigner(origin) });
    const served = await startMonitoring({ log, monitoring, server: null });
    expect([served.address, served.port, served.url]).toEqual([null, null, null]);
    await use(served);
    await served.stop();
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  }

  test('the handler is a listener, which answers its three paths and no method but GET and HEAD', async () => {
    await withHandler(async ({ handler }) => {
      server = createServer(handler);
      const url = await listening();
      expect((await get(`${url}/readyz?verbose`)).status).toBe(200);
      expect((await get(`${url}/metrics`)).status).toBe(200);
      expect(await get(`${url}/__proto__`)).toMatchObject({ status: 404 });
      expect(await get(url)).toMatchObject({
        status: 404,
        text: 'There are /healthz, /readyz and /metrics.\n',
      });
      const posted = await fetch(`${url}/metrics`, { method: 'POST', headers: { connection: 'close' } });
      expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    });
  });

  test('the handler is a middleware, which passes on what is not its own', async () => {
    await withHandler(async ({ handler }) => {
      server = createServer((request, response) => handler(request, response, () => response.end('mine')));
      const url = await listening();
      expect((await get(`${url}/orders`)).text).toBe('mine');
      expect((await get(`${url}/healthz`)).type).toContain('json');
    });
  });
});

describe('a server that listens before there is a log', () => {
  test('says that the service is starting', async () => {
    const server = await listenForMonitoring(monitoring);
    expect((await get(`${server.url}/healthz`)).status).toBe(200);
    expect(await get(`${server.url}/readyz`)).toMatchObject({
      ...{ status: 503, text: '{\n  "status": "starting",\n  "checks": []\n}\n' },
    });
    expect(await get(`${server.url}/metrics`)).toMatchObject({ status: 503, text: 'starting\n' });
    await server.stop();
  });

  test('says what to do where the port is taken', async () => {
    const first = await listenForMonitoring(monitoring);
    const { port } = first;
    await expect(listenForMonitoring({ ...monitoring, port })).rejects.toMatchObject({
      code: 'MONITORING_UNAVAILABLE',
      message: `Something else listens on 127.0.0.1, port ${port}: give another monitoring.port.`,
    });
    await first.stop();
  });
});
