// Webhooks: signed, tried again until they are taken, and never sent anywhere else.
import { createHmac } from 'node:crypto';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { AlertChannel } from '@audit/policy';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import {
  alertingIn,
  EVENT,
  hookTo,
  inFolder,
  type Receiver,
  type Running,
  receive,
  SECRET,
  until,
} from './harness.ts';
import { CA, SERVER_TLS } from './mail-server.ts';

const rules = { denied: { match: { outcome: ['denied' as const] }, repeat: 0 } };
/** So that a test need not wait a second for each attempt. */
const QUICK = { retryMax: 20 };

interface Scene extends Running {
  readonly receiver: Receiver;
}

async function withReceiver<T>(
  use: (scene: Scene) => Promise<T>,
  more: Partial<AlertChannel> = {},
): Promise<T> {
  const receiver = await receive();
  try {
    const channels = hookTo(receiver, { ...QUICK, ...more });
    return await inFolder((folder) =>
      alertingIn(folder, { rules, channels }, (running) => use({ ...running, receiver })),
    );
  } finally {
    await receiver.close();
  }
}

const delivered = ({ alerting }: Running) => alerting.status().channels.hook?.delivered;

describe('a webhook', () => {
  test('is signed as Standard Webhooks are, by the word of their own library', () =>
    withReceiver(async (scene) => {
      await scene.log.record(EVENT);
      await until(() => delivered(scene) === 1);
      const { headers, body } = scene.receiver.requests[0]!;
      const alert = new Webhook(SECRET).verify(body, headers as Record<string, string>);
      expect(alert).toMatchObject({
        type: 'audit.alert',
        data: { rule: 'denied', id: headers['webhook-id'] },
      });
      expect(headers['content-type']).toBe('application/json');
      const other = `whsec_${Buffer.alloc(32, 'x').toString('base64')}`;
      expect(() => new Webhook(other).verify(body, headers as Record<string, string>)).toThrow();
      const key = Buffer.alloc(32, 'k');
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      expect(headers['webhook-signature']).toBe(
        `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
      );
    }));

  test('is tried again with the same id while the receiver answers 500, and recorded as failing once', () =>
    withReceiver(async (scene) => {
      const { receiver, log, entries } = scene;
      let bad = 3;
      receiver.answer = (response) => response.writeHead(bad-- > 0 ? 500 : 204).end();
      await log.record(EVENT);
      await until(() => delivered(scene) === 1);
      expect(receiver.alerts).toHaveLength(4);
      expect(new Set(receiver.alerts.map(({ id }) => id)).size).toBe(1);
      await until(() => scene.alerting.status().outbox === 0);
      const failed = await entries('alert.failed');
      expect(failed.map(({ data }) => data)).toMatchObject([
        { channel: 'hook', reason: 'HTTP 500', final: false },
      ]);
      expect((await entries('alert.delivered')).map(({ data }) => data)).toMatchObject([
        { channel: 'hook', attempts: 4 },
      ]);
      expect(await entries('alert.raised')).toHaveLength(1);
    }));

  test('is tried again where the receiver hangs, longer than the time of an attempt', () =>
    withReceiver(
      async (scene) => {
        scene.receiver.answer = () => {};
        await scene.log.record(EVENT);
        await until(() => scene.alerting.status().channels.hook?.problem === 'no answer in time');
        scene.receiver.answer = (response) => response.writeHead(200).end('ok');
        await until(() => delivered(scene) === 1);
      },
      { timeout: 50 },
    ));

  test('is tried again where the connection is reset, before and within the answer', () =>
    withReceiver(async (scene) => {
      const answers: Receiver['answer'][] = [
        (response) => response.socket?.resetAndDestroy(),
        (response) => response.socket?.destroy(),
        (response) => response.writeHead(204).end(),
      ];
      scene.receiver.answer = (response, request) => answers.shift()!(response, request);
      await scene.log.record(EVENT);
      await until(() => delivered(scene) === 1);
      expect(scene.receiver.alerts).toHaveLength(3);
    }));

  test('reaches a receiver that was gone and comes back', async () => {
    const gone = await receive();
    await gone.close();
    await inFolder((folder) =>
      alertingIn(folder, { rules, channels: hookTo(gone, QUICK) }, async (scene) => {
        for (let n = 0; n < 20; n++) await scene.log.record(EVENT);
        await until(() => scene.alerting.status().channels.hook?.problem === 'ECONNREFUSED');
        const back = await receive(Number(new URL(gone.url).port));
        await until(() => delivered(scene) === 20);
        expect(new Set(back.alerts.map(({ entry }) => entry?.seq)).size).toBe(20);
        await back.close();
      }),
    );
  });

  test.each([
    ['a number of seconds', '1'],
    ['a date', 'date'],
  ])('waits as long as 429 says, by %s', (_, kind) =>
    withReceiver(async (scene) => {
      const times: number[] = [];
      scene.receiver.answer = (response) => {
        times.push(Date.now());
        // Dates are of whole seconds: two ahead are one second at least.
        const after = kind === 'date' ? new Date(Date.now() + 2_000).toUTCString() : kind;
        if (times.length === 1) response.writeHead(429, { 'retry-after': after }).end();
        else response.writeHead(204).end();
      };
      await scene.log.record(EVENT);
      await until(() => delivered(scene) === 1);
      expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(990);
    }),
  );

  test('follows no redirect', async () => {
    const elsewhere = await receive();
    await withReceiver(async (scene) => {
      scene.receiver.answer = (response) => response.writeHead(307, { location: elsewhere.url }).end();
      await scene.log.record(EVENT);
      await until(() => scene.alerting.status().channels.hook?.problem === 'HTTP 307');
      scene.receiver.answer = (response) => response.writeHead(204).end();
      await until(() => delivered(scene) === 1);
    });
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });

  test('keeps its connections', () =>
    withReceiver(async (scene) => {
      for (let n = 0; n < 50; n++) {
        await scene.log.record(EVENT);
        await until(() => delivered(scene) === n + 1);
      }
      expect(scene.receiver.connections()).toBe(1);
    }));

  test('is sent at once again where the receiver closed a connection that was kept', () =>
    withReceiver(
      async (scene) => {
        await scene.log.record(EVENT);
        await until(() => delivered(scene) === 1);
        scene.receiver.answer = (response) => {
          scene.receiver.answer = (next) => next.writeHead(204).end();
          response.socket?.destroy();
        };
        await scene.log.record(EVENT);
        await until(() => delivered(scene) === 2);
        expect(scene.alerting.status().channels.hook?.failedAttempts).toBe(0);
        expect(scene.receiver.alerts).toHaveLength(3);
      },
      { retryMax: 3_600_000 },
    ));

  test('is given up after its time, and that is recorded', () =>
    withReceiver(
      async ({ log, receiver, alerting, entries }) => {
        receiver.answer = (response) => response.writeHead(404).end();
        await log.record(EVENT);
        await until(() => alerting.status().channels.hook?.failed === 1);
        await until(() => alerting.status().outbox === 0);
        const failed = await entries('alert.failed');
        expect(failed.at(-1)).toMatchObject({
          outcome: 'failure',
          data: { reason: 'HTTP 404', final: true },
        });
      },
      { retryFor: 100 },
    ));

  test('trusts the authority it is told to, and no other', async () => {
    const server = createTlsServer(SERVER_TLS, (request, response) => {
      request.resume().on('end', () => response.writeHead(204).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const channels = {
      knows: { webhook: { url, secret: SECRET, ca: CA } },
      doubts: { webhook: { url, secret: SECRET } },
    };
    await inFolder((folder) =>
      alertingIn(folder, { rules, channels }, async ({ log, alerting }) => {
        await log.record(EVENT);
        const status = () => alerting.status().channels;
        await until(() => status().knows?.delivered === 1 && status().doubts?.failedAttempts === 1);
        expect(status().doubts?.problem).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
      }),
    );
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
