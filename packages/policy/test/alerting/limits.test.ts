// What keeps alerts within bounds: rates of all rules and of channels, the outbox, names, and a disk that takes nothing.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertingPolicy } from '@audit/policy';
import { startAlerting } from '@audit/policy';
import { expect, test } from 'vitest';
import {
  alertingIn,
  EVENT,
  hookTo,
  inFolder,
  type Receiver,
  type Running,
  receive,
  until,
} from './harness.ts';

const rules: AlertingPolicy['rules'] = { denied: { match: { outcome: ['denied'] }, repeat: 0 } };

async function scene<T>(
  policy: (receiver: Receiver) => AlertingPolicy,
  use: (running: Running & { receiver: Receiver; folder: string }) => Promise<T>,
): Promise<T> {
  const receiver = await receive();
  try {
    return await inFolder((folder) =>
      alertingIn(folder, policy(receiver), (running) => use({ ...running, receiver, folder })),
    );
  } finally {
    await receiver.close();
  }
}

test('what fires beyond the rate of all rules is told in one alert, with how many and where', () =>
  scene(
    (receiver) => ({ rules, channels: hookTo(receiver), rate: { alerts: 3, within: 4_000 } }),
    async ({ log, alerting, receiver }) => {
      for (let n = 0; n < 10; n++) await log.record(EVENT);
      const withheld = () =>
        receiver.alerts.reduce((sum, { facts }) => sum + ((facts?.withheld as number | undefined) ?? 0), 0);
      const single = () => receiver.alerts.filter(({ entry }) => entry !== undefined);
      await until(() => single().length + withheld() === 10);
      expect(withheld()).toBeGreaterThan(0);
      expect(alerting.status().rules.denied).toMatchObject({ matched: 10, withheld: withheld() });
      const rest = receiver.alerts.find(({ facts }) => facts?.withheld !== undefined)!;
      expect(rest.facts!.first).toBeGreaterThan(single()[2]!.entry!.seq);
    },
  ));

test('what is withheld is told after a restart, too', () =>
  inFolder(async (folder) => {
    const receiver = await receive();
    const channels = hookTo(receiver);
    await alertingIn(folder, { rules, channels, rate: { alerts: 1, within: 3_600_000 } }, async ({ log }) => {
      for (let n = 0; n < 10; n++) await log.record(EVENT);
      await until(() => receiver.alerts.length === 1);
    });
    await alertingIn(folder, { rules, channels }, () => until(() => receiver.alerts.length === 2));
    expect(receiver.alerts[1]?.facts).toMatchObject({ withheld: 9 });
    await receiver.close();
  }));

test('what is beyond the rate of a channel waits, and the most severe goes first', () =>
  scene(
    (receiver) => ({
      rules: { ...rules, worse: { match: { type: ['data.*'] }, severity: 'critical', repeat: 0 } },
      channels: hookTo(receiver, { rate: { alerts: 1, within: 2_000 } }),
    }),
    async ({ log, receiver }) => {
      for (let n = 0; n < 3; n++) await log.record(EVENT);
      await log.record({ ...EVENT, type: 'data.delete', outcome: 'success' });
      await until(() => receiver.alerts.length === 4);
      expect(receiver.alerts.map(({ rule }) => rule)).toEqual(['denied', 'worse', 'denied', 'denied']);
    },
  ));

test('a full outbox drops the oldest of the least severe, counted and recorded', () =>
  scene(
    (receiver) => ({
      rules: { ...rules, worse: { match: { type: ['data.*'] }, severity: 'critical', repeat: 0 } },
      channels: hookTo(receiver, { retryMax: 20 }),
      outbox: 3,
    }),
    async ({ log, alerting, receiver, entries }) => {
      receiver.answer = (response) => response.writeHead(500).end();
      const ids = ['worse-1', 'denied-1', 'denied-2', 'worse-2', 'denied-3'];
      for (const id of ids) {
        const worse = id.startsWith('worse') ? { type: 'data.delete', outcome: 'success' as const } : {};
        await log.record({ ...EVENT, ...worse, id });
      }
      await until(() => alerting.status().dropped === 2);
      receiver.alerts.length = 0;
      receiver.answer = (response) => response.writeHead(204).end();
      await until(() => alerting.status().channels.hook?.delivered === 3 && alerting.status().outbox === 0);
      const told = new Set(receiver.alerts.map(({ entry }) => entry!.id));
      for (const id of ['worse-1', 'worse-2', 'denied-3']) expect(told).toContain(id);
      const missed = async () =>
        (await entries('alert.failed')).find(({ operation }) => operation === 'miss');
      let entry = await missed();
      while (entry === undefined) entry = await missed();
      expect(entry.data).toEqual({ rule: '*', reason: 'more alerts than alerting.outbox', dropped: 2 });
    },
  ));

test(
  'a disk that takes nothing keeps no alert from being delivered; it is told, and over when there is room',
  { timeout: 180_000 },
  () =>
    scene(
      (receiver) => ({ rules, channels: hookTo(receiver) }),
      async ({ log, alerting, receiver, folder }) => {
        const directory = join(folder, 'log.private/alerts');
        const broken = () =>
          alerting.status().problems.some((problem) => problem.includes('cannot be written'));
        // In place of the folder a file: the journal that is open goes on, the next one cannot be made.
        rmSync(directory, { recursive: true });
        writeFileSync(directory, '');
        const long = { type: 'user', id: 'x'.repeat(900) };
        let told = 0;
        while (!broken()) {
          for (let n = 0; n < 50; n++) await log.record({ ...EVENT, resource: long });
          told += 50;
          await until(() => receiver.alerts.length === told);
        }
        await log.record(EVENT);
        await until(() => receiver.alerts.length === told + 1);
        rmSync(directory);
        mkdirSync(directory, { mode: 0o700 });
        await until(() => !broken());
      },
    ),
);

test.each<[string, AlertingPolicy, string]>([
  [
    'a channel that is not there',
    { rules: { a: { ...rules.denied, channels: ['no'] } } },
    'alerting.rules.a.channels: there is no channel no, there are: none',
  ],
  ['a rule about nothing', { rules: { a: {} } }, 'alerting.rules.a.match is needed, or condition'],
  [
    'a channel of two kinds',
    { channels: { c: { log: { to: 'stderr' }, command: { run: ['true'] } } } },
    'alerting.channels.c must have one of webhook, email, slack, command and log',
  ],
  [
    'a pointer that is none',
    { rules: { a: { ...rules.denied, groupBy: ['actor.id'] } } },
    'alerting.rules.a.groupBy: "actor.id" must be a JSON Pointer such as /actor/id',
  ],
  [
    'a secret that is none',
    { channels: { c: { webhook: { url: 'http://127.0.0.1:1/', secret: 'abc' } } } },
    'secret must be whsec_ and 24 to 64 bytes in base64',
  ],
])('%s is refused', (_, policy, message) =>
  scene(
    () => ({}),
    async ({ log, folder }) => {
      const options = { log, alerting: policy, stateDirectory: join(folder, 'log.private') };
      await expect(startAlerting(options)).rejects.toThrow(message);
    },
  ),
);
