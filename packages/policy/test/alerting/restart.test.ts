// What alerting knows after a restart: where it was, what it counted, what it told, and what is still to be delivered.
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryStore, generatePrivateKey, openAuditLog, signerFromPem } from '@audit/core';
import { type AlertingPolicy, type AlertRule, startAlerting } from '@audit/policy';
import { expect, test } from 'vitest';
import {
  alertingIn,
  EVENT,
  entriesOf,
  hookTo,
  inFolder,
  ORIGIN,
  type Receiver,
  receive,
  until,
} from './harness.ts';

let now = Date.UTC(2026, 0, 1);
const clock = { now: () => now };

interface Stage {
  readonly folder: string;
  readonly receiver: Receiver;
  readonly policy: AlertingPolicy;
  /** Records so many denied logins while nobody looks. */
  unwatched(count: number): Promise<void>;
}

async function stage(rule: AlertRule, play: (stage: Stage) => Promise<void>, more: AlertingPolicy = {}) {
  const receiver = await receive();
  const policy = { rules: { rule }, channels: hookTo(receiver, { retryMax: 20 }), ...more };
  const unwatched = async (folder: string, count: number) => {
    const log = await openAuditLog({ directory: join(folder, 'log'), origin: ORIGIN, clock });
    for (let n = 0; n < count; n++) await log.record(EVENT);
    await log.close();
  };
  try {
    await inFolder((folder) =>
      play({ folder, receiver, policy, unwatched: (count) => unwatched(folder, count) }),
    );
  } finally {
    await receiver.close();
  }
}

const run = ({ folder, policy }: Stage, use: Parameters<typeof alertingIn<void>>[2] = async () => {}) =>
  alertingIn(folder, policy, use, { clock });
const DENIED: AlertRule = { match: { type: ['auth.*'] }, repeat: 0 };

test('what came while nobody looked is looked at, once', () =>
  stage(DENIED, async (scene) => {
    await run(scene);
    await scene.unwatched(3);
    await run(scene, ({ alerting }) => until(() => alerting.status().channels.hook?.delivered === 3));
    await run(scene, ({ alerting }) => until(() => alerting.status().behind === 0));
    expect(scene.receiver.alerts).toHaveLength(3);
  }));

test('what was there before the first start is not', () =>
  stage({ ...DENIED, repeat: 0 }, async (scene) => {
    const directory = join(scene.folder, 'log');
    const log = await openAuditLog({ directory, origin: ORIGIN, clock, onKeyCreated: () => {} });
    await log.record(EVENT);
    await log.close();
    await run(scene, async ({ log: again, alerting }) => {
      await again.record(EVENT);
      await until(() => alerting.status().channels.hook?.delivered === 1);
    });
    expect(scene.receiver.alerts).toHaveLength(1);
  }));

test('a count goes on', () =>
  stage({ ...DENIED, count: 5, window: 60_000 }, async (scene) => {
    await run(scene, async ({ log, alerting }) => {
      for (let n = 0; n < 3; n++) await log.record(EVENT);
      await until(() => alerting.status().rules.rule?.matched === 3);
    });
    now += 30_000;
    await scene.unwatched(1);
    await run(scene, async ({ log }) => {
      await log.record(EVENT);
      await until(() => scene.receiver.alerts.length === 1);
    });
    expect(scene.receiver.alerts).toMatchObject([{ count: 5 }]);
  }));

test('what was told is not told again so soon, and what was suppressed is not forgotten', () =>
  stage({ ...DENIED, repeat: 60_000 }, async (scene) => {
    await run(scene, async ({ log, alerting }) => {
      for (let n = 0; n < 3; n++) await log.record(EVENT);
      await until(() => alerting.status().channels.hook?.delivered === 1);
    });
    await scene.unwatched(2);
    await run(scene, async ({ alerting }) => {
      await until(() => alerting.status().behind === 0);
      expect(alerting.status().rules.rule?.raised).toBe(0);
      now += 61_000;
      await until(() => scene.receiver.alerts.length === 2);
    });
    expect(scene.receiver.alerts[1]).toMatchObject({ suppressed: 4 });
  }));

test('an absence goes on while the process is away, and is told once', () =>
  stage({ match: { type: ['auth.*'] }, absentFor: 600_000, repeat: 0 }, async (scene) => {
    await run(scene, async ({ log, alerting }) => {
      await log.record(EVENT);
      await until(() => alerting.status().rules.rule?.matched === 1);
    });
    now += 300_000;
    await run(scene, async ({ alerting }) => {
      await until(() => alerting.status().behind === 0);
      expect(scene.receiver.alerts).toEqual([]);
    });
    now += 301_000;
    await run(scene, () => until(() => scene.receiver.alerts.length === 1));
    now += 600_000;
    await run(scene, async ({ log, alerting }) => {
      await until(() => alerting.status().behind === 0);
      expect(alerting.status().rules.rule?.raised).toBe(0);
      await log.record(EVENT);
      await until(() => alerting.status().rules.rule?.matched === 1);
    });
    now += 601_000;
    await run(scene, () => until(() => scene.receiver.alerts.length === 2));
    expect(scene.receiver.alerts.map(({ summary }) => summary)).toEqual([
      'Nothing matched rule rule for 601 s.',
      'Nothing matched rule rule for 601 s.',
    ]);
  }));

test('what was not delivered is kept, and readable by nobody else', () =>
  stage(DENIED, async (scene) => {
    scene.receiver.answer = (response) => response.writeHead(500).end();
    await run(scene, async ({ log, alerting }) => {
      await log.record(EVENT);
      await until(() => alerting.status().channels.hook!.failedAttempts > 0);
    });
    const file = join(scene.folder, 'log.private/alerts/journal.jsonl');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
    expect(readFileSync(file, 'utf8')).not.toContain(Buffer.alloc(32, 'k').toString('base64'));
    scene.receiver.answer = (response) => response.writeHead(204).end();
    await run(scene, ({ alerting }) => until(() => alerting.status().outbox === 0));
    expect(new Set(scene.receiver.alerts.map(({ id }) => id)).size).toBe(1);
  }));

test('an alert for a channel that is gone is recorded as failed', () =>
  stage(DENIED, async (scene) => {
    scene.receiver.answer = (response) => response.writeHead(500).end();
    await run(scene, async ({ log, alerting }) => {
      await log.record(EVENT);
      await until(() => alerting.status().channels.hook!.failedAttempts > 0);
    });
    const policy = { rules: scene.policy.rules!, channels: {} };
    await run({ ...scene, policy }, async ({ alerting, entries }) => {
      await until(() => alerting.status().outbox === 0);
      expect((await entries('alert.failed')).at(-1)?.data).toMatchObject({
        reason: 'there is no such channel any more',
        final: true,
      });
    });
  }));

test('more entries than it catches up with are passed over, and that is recorded', () =>
  stage(
    DENIED,
    async (scene) => {
      await run(scene);
      await scene.unwatched(50);
      await run(scene, async ({ alerting, entries }) => {
        await until(() => alerting.status().outbox === 0 && scene.receiver.alerts.length > 0);
        expect(alerting.status().skipped).toBeGreaterThan(40);
        const [missed] = await entries('alert.failed');
        expect(missed).toMatchObject({
          operation: 'miss',
          data: { reason: 'more entries than alerting.catchUp' },
        });
      });
    },
    { catchUp: 10 },
  ));

test('a journal that is damaged costs what is damaged, and that is recorded', () =>
  stage(DENIED, async (scene) => {
    await run(scene);
    appendFileSync(join(scene.folder, 'log.private/alerts/journal.jsonl'), 'no JSON\n[{"torn');
    await run(scene, async ({ log, alerting, entries }) => {
      await log.record(EVENT);
      await until(() => alerting.status().channels.hook?.delivered === 1);
      expect((await entries('alert.failed'))[0]?.data).toEqual({
        rule: '*',
        reason: 'lines of the journal cannot be read',
        lines: 1,
      });
    });
  }));

test('the private side of another log is refused', () =>
  stage(DENIED, async (scene) => {
    await run(scene);
    const directory = join(scene.folder, 'other');
    const log = await openAuditLog({ directory, origin: 'other.example/audit', onKeyCreated: () => {} });
    const stateDirectory = join(scene.folder, 'log.private');
    await expect(startAlerting({ log, alerting: scene.policy, stateDirectory })).rejects.toThrow(
      'stateDirectory holds the alerts of the log alerting.example/audit, not of other.example/audit',
    );
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  }));

test('a log that is another one under the same name is looked at from its end on', () =>
  stage(DENIED, async (scene) => {
    const stateDirectory = join(scene.folder, 'state');
    const inMemory = async (events: number) => {
      const store = createMemoryStore();
      const signer = signerFromPem(ORIGIN, generatePrivateKey('ed25519'));
      const log = await openAuditLog({ store, signer, origin: ORIGIN, clock });
      const alerting = await startAlerting({ log, alerting: scene.policy, stateDirectory, clock });
      for (let n = 0; n < events; n++) await log.record(EVENT);
      await until(() => alerting.status().outbox === 0);
      await alerting.stop();
      const missed = (await entriesOf(log, 'alert.failed')).map(({ data }) => data?.reason);
      expect((await log.verify()).verdict).toBe('intact');
      await log.close();
      return missed;
    };
    expect(await inMemory(5)).toEqual([]);
    expect(await inMemory(2)).toEqual(['the log is shorter than what was looked at']);
    expect(new Set(scene.receiver.alerts.map(({ id }) => id)).size).toBe(7);
  }));

test('one private side is for one alerting at a time', () =>
  stage(DENIED, async (scene) => {
    const stateDirectory = join(scene.folder, 'log.private');
    await run(scene, async ({ log }) => {
      const second = startAlerting({ log, alerting: scene.policy, stateDirectory });
      await expect(second).rejects.toThrow(/^Alerting runs on .* already/);
    });
    await run(scene);
  }));

test('alerting that was away looks at what was committed meanwhile while more is', () =>
  stage(DENIED, async (scene) => {
    await run(scene);
    await scene.unwatched(200);
    await run(scene, async ({ log, alerting }) => {
      for (let n = 0; n < 200; n++) log.emit(EVENT);
      await log.flush();
      await until(() => alerting.status().channels.hook?.delivered === 400);
      const seqs = scene.receiver.alerts.map(({ entry }) => entry!.seq);
      expect(new Set(seqs).size).toBe(400);
      expect((await entriesOf(log, 'auth.*')).map(({ seq }) => seq)).toEqual(expect.arrayContaining(seqs));
    });
  }));
