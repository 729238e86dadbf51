// What fires, and what does not: matches, counts, groups, repetitions, absences, conditions.
import { copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AuditEvent,
  type AuditLogOptions,
  type JsonObject,
  LEVELS,
  openAuditLog,
  type VerifyReport,
} from '@audit/core';
import {
  type Alert,
  type AlertingPolicy,
  type AlertMatch,
  type AlertRule,
  startAlerting,
} from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { Rules } from '../../src/alerting/rules.ts';
import {
  alertingIn,
  EVENT,
  hookTo,
  inFolder,
  ORIGIN,
  type Receiver,
  type Running,
  receive,
  until,
} from './harness.ts';

interface Scene extends Running {
  readonly receiver: Receiver;
}

/** The alerts that came of what `act` did, once `count` of them have come. */
async function alertsOf(
  rule: AlertRule,
  act: (scene: Scene) => Promise<unknown>,
  count: number,
  more: { readonly log?: Partial<AuditLogOptions>; readonly policy?: AlertingPolicy } = {},
): Promise<readonly Alert[]> {
  const receiver = await receive();
  const policy = { channels: hookTo(receiver), rules: { rule }, ...more.policy };
  try {
    return await inFolder((folder) =>
      alertingIn(
        folder,
        policy,
        async (running) => {
          await act({ ...running, receiver });
          await until(() => receiver.alerts.length >= count);
          return [...receiver.alerts];
        },
        more.log,
      ),
    );
  } finally {
    await receiver.close();
  }
}

const DATA: AuditEvent = {
  type: 'data.update',
  operation: 'change',
  resource: { type: 'customer', id: 'c/1' },
  outcome: 'success',
  data: { rows: 7, 'a/b': { '~': [null, 'x'] } },
};

describe('match', () => {
  test.each<[string, AlertMatch, AuditEvent, AuditEvent]>([
    ['type', { type: ['data.update'] }, DATA, EVENT],
    ['type with *', { type: ['auth.*'] }, EVENT, DATA],
    ['type with * in the middle', { type: ['d*.up*te'] }, DATA, { ...DATA, type: 'data.delete' }],
    ['category', { category: ['data_access'] }, DATA, EVENT],
    ['level or above', { level: 'security' }, { ...DATA, level: 'error' }, { ...DATA, level: 'warning' }],
    ['outcome', { outcome: ['denied', 'aborted'] }, EVENT, { ...EVENT, outcome: 'success' }],
    ['actor', { actor: ['mal*'] }, EVENT, DATA],
    ['resource', { resource: ['c/*'] }, DATA, { ...DATA, resource: { type: 'customer', id: 'd/1' } }],
    ['a number', { equals: { '/data/rows': 7 } }, DATA, { ...DATA, data: { rows: '7' } }],
    ['escaped pointers', { equals: { '/data/a~1b/~0/1': 'x' } }, DATA, EVENT],
    [
      'all of several',
      { type: ['data.*'], equals: { '/data/rows': 7 } },
      DATA,
      { ...DATA, data: { rows: 8 } },
    ],
  ])('%s', async (_, match, fits, fitsNot) => {
    const act = async ({ log }: Scene) => {
      await log.record(fitsNot);
      await log.record({ ...fits, id: 'the-one' });
    };
    const alerts = await alertsOf({ match, repeat: 0 }, act, 1);
    expect(alerts.map(({ entry }) => entry?.id)).toEqual(['the-one']);
  });

  test('an alert tells of its entry without its data', async () => {
    const [alert] = await alertsOf(
      { match: { type: ['auth.*'] }, severity: 'error' },
      ({ log }) => log.record({ ...EVENT, data: { reason: 'unheard of' } }),
      1,
    );
    expect(alert).toMatchObject({ v: 1, rule: 'rule', severity: 'error', origin: 'alerting.example/audit' });
    expect(alert?.entry).toMatchObject({ type: 'auth.attempt', outcome: 'denied', actor: EVENT.actor });
    expect(JSON.stringify(alert)).not.toContain('unheard of');
  });
});

describe('count', () => {
  /** Events at these seconds, one a second where none are given. */
  const at = async (
    seconds: readonly number[],
    rule: AlertRule,
    idOf: (index: number) => string = () => 'u1',
  ) => {
    let now = Date.UTC(2026, 0, 1);
    const clock = { now: () => now };
    const begin = now;
    const act = async ({ log, alerting }: Scene) => {
      for (const [index, second] of seconds.entries()) {
        now = begin + second * 1_000;
        await log.record({ ...EVENT, resource: { type: 'user', id: idOf(index) } });
      }
      await until(() => alerting.status().behind === 0 && alerting.status().outbox === 0);
    };
    return alertsOf({ match: { type: ['auth.attempt'] }, ...rule }, act, 0, { log: { clock } });
  };

  test('fires with the last of so many within the window', async () => {
    const alerts = await at([0, 20, 40, 59], { count: 4, window: 60_000 });
    expect(alerts).toMatchObject([{ count: 4, windowMs: 60_000 }]);
  });

  test('does not fire where they came in a longer time', async () => {
    expect(await at([0, 20, 40, 60], { count: 4, window: 60_000 })).toEqual([]);
    expect(await at([0, 20, 40, 60, 61], { count: 4, window: 60_000 })).toHaveLength(1);
  });

  test('counts each group by itself', async () => {
    const rule = { count: 3, window: 60_000, groupBy: ['/resource/id', '/actor/ip'] };
    expect(await at([0, 1, 2, 3], rule, (index) => `u${index % 2}`)).toEqual([]);
    const alerts = await at([0, 1, 2, 3, 4], rule, (index) => `u${index % 2}`);
    expect(alerts.map(({ group }) => group)).toEqual([{ '/resource/id': 'u0', '/actor/ip': '192.0.2.7' }]);
  });

  test('a clock that was set brings nothing together that was apart', async () => {
    expect(await at([3_600, 3_610, 0, 10], { count: 4, window: 60_000 })).toEqual([]);
  });
});

describe('repeat', () => {
  const rule: AlertRule = { match: { type: ['auth.*'] }, repeat: 60_000 };

  test('tells once, and afterwards how often it fired meanwhile', async () => {
    let now = Date.UTC(2026, 0, 1);
    const act = async ({ log, receiver, alerting }: Scene) => {
      for (let n = 1; n <= 5; n++) await log.record({ ...EVENT, id: `number-${n}` });
      await until(() => receiver.alerts.length === 1);
      expect(alerting.status().rules.rule).toMatchObject({ matched: 5, raised: 1, suppressed: 4 });
      now += 61_000;
    };
    const alerts = await alertsOf(rule, act, 2, { log: { clock: { now: () => now } } });
    expect(alerts.map(({ suppressed }) => suppressed)).toEqual([undefined, 4]);
    expect(alerts.map(({ entry }) => entry?.id)).toEqual(['number-1', 'number-5']);
  });

  test('tells nothing again where it fired once', async () => {
    let now = Date.UTC(2026, 0, 1);
    const act = async ({ log, receiver }: Scene) => {
      await log.record(EVENT);
      await until(() => receiver.alerts.length === 1);
      now += 61_000;
      // Two looks later the time of the first is long over.
      await new Promise((resolve) => setTimeout(resolve, 2_200));
      await log.record(EVENT);
    };
    const alerts = await alertsOf(rule, act, 2, { log: { clock: { now: () => now } } });
    expect(alerts.map(({ suppressed }) => suppressed)).toEqual([undefined, undefined]);
  });

  test('0 tells each', async () => {
    const act = async ({ log }: Scene) => {
      for (let n = 0; n < 5; n++) await log.record(EVENT);
    };
    const alerts = await alertsOf({ ...rule, repeat: 0 }, act, 5);
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(5);
  });
});

describe('absence', () => {
  const rule: AlertRule = { match: { type: ['data.update'] }, absentFor: 60_000, repeat: 0 };
  const beat = (id: string): AuditEvent => ({ ...DATA, resource: { type: 'host', id } });

  test('is told once it has lasted, once, and again after another match', async () => {
    let now = Date.UTC(2026, 0, 1);
    const act = async ({ log, receiver }: Scene) => {
      await log.record(beat('h1'));
      now += 59_000;
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(receiver.alerts).toEqual([]);
      now += 2_000;
      await until(() => receiver.alerts.length === 1);
      now += 600_000;
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(receiver.alerts).toHaveLength(1);
      await log.record(beat('h1'));
      now += 61_000;
    };
    const alerts = await alertsOf(rule, act, 2, { log: { clock: { now: () => now } } });
    expect(alerts.map(({ summary }) => summary)).toEqual([
      'Nothing matched rule rule for 61 s.',
      'Nothing matched rule rule for 61 s.',
    ]);
  });

  test('of what never came is told, too', async () => {
    let now = Date.UTC(2026, 0, 1);
    const act = async () => {
      now += 61_000;
    };
    await alertsOf(rule, act, 1, { log: { clock: { now: () => now } } });
  });

  test('of each group is told by itself', async () => {
    let now = Date.UTC(2026, 0, 1);
    const act = async ({ log }: Scene) => {
      await log.record(beat('h1'));
      await log.record(beat('h2'));
      now += 50_000;
      await log.record(beat('h2'));
      now += 11_000;
    };
    const log = { clock: { now: () => now } };
    const alerts = await alertsOf({ ...rule, groupBy: ['/resource/id'] }, act, 1, { log });
    expect(alerts.map(({ group }) => group)).toEqual([{ '/resource/id': 'h1' }]);
  });
});

describe('conditions', () => {
  test('integrity: a verification that found something', async () => {
    const act = async ({ log, alerting }: Scene) => {
      const report = await log.verify();
      alerting.report(report);
      const finding = { code: 'entry-modified', message: 'Entry 1 was modified.', seq: 1 };
      alerting.report({ ...report, verdict: 'tampered', findings: [finding] } as unknown as VerifyReport);
    };
    const alerts = await alertsOf({ condition: 'integrity' }, act, 1);
    expect(alerts).toMatchObject([
      { severity: 'critical', facts: { verdict: 'tampered', findings: 1, codes: 'entry-modified' } },
    ]);
  });

  test('disk: less free than wanted', async () => {
    const alerts = await alertsOf({ condition: 'disk', diskFree: { share: 1 } }, async () => {}, 1);
    expect(alerts[0]?.summary).toContain('The volume of the log has ');
    const act = () => new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await alertsOf({ condition: 'disk', diskFree: { bytes: 1 } }, act, 0)).toEqual([]);
  });

  test('lost: the queue was full, told with how many were lost', async () => {
    const act = async ({ log }: Scene) => {
      for (let n = 0; n < 5; n++) log.emit(EVENT);
      expect(log.health().lost).toEqual({ 'queue-full': 3 });
    };
    const alerts = await alertsOf({ condition: 'lost', repeat: 0 }, act, 1, { log: { queueEvents: 2 } });
    expect(alerts[0]?.severity).toBe('critical');
  });

  test('lost: what else is lost while that is told is told afterwards', async () => {
    let now = Date.UTC(2026, 0, 1);
    const act = async ({ log, receiver, alerting }: Scene) => {
      for (let n = 0; n < 3; n++) log.emit(EVENT);
      await until(() => receiver.alerts.length === 1);
      await log.flush();
      for (let n = 0; n < 9; n++) log.emit(EVENT);
      expect(log.health().lost).toEqual({ 'queue-full': 8 });
      await until(() => alerting.status().rules.rule?.suppressed === 7);
      now += 61_000;
    };
    const log = { queueEvents: 2, clock: { now: () => now } };
    const alerts = await alertsOf({ condition: 'lost', repeat: 60_000 }, act, 2, { log });
    expect(alerts.map(({ suppressed }) => suppressed)).toEqual([undefined, 7]);
  });

  test('stopped: told though nothing can be recorded any more', async () => {
    const receiver = await receive();
    await inFolder(async (folder) => {
      const directory = join(folder, 'log');
      const log = await openAuditLog({ directory, origin: ORIGIN, onKeyCreated: () => {} });
      const policy = { rules: { rule: { condition: 'stopped' as const } }, channels: hookTo(receiver) };
      const alerting = await startAlerting({ log, alerting: policy, stateDirectory: `${directory}.private` });
      // Another file in place of the one the writer holds: it is no longer alone, and gives up for good.
      copyFileSync(join(directory, 'commit'), join(folder, 'copy'));
      renameSync(join(folder, 'copy'), join(directory, 'commit'));
      await expect(log.record(EVENT)).rejects.toThrow();
      expect(log.health().status).toBe('stopped');
      await until(() => receiver.alerts.length === 1);
      expect(receiver.alerts[0]?.summary).toMatch(/^The log has stopped: .*FENCED/);
      await alerting.stop();
      expect(alerting.status().unrecorded).toBeGreaterThan(0);
      await log.close().catch(() => {});
      const again = await openAuditLog({ directory, origin: ORIGIN });
      expect((await again.verify()).verdict).toBe('intact');
      await again.close();
    });
    await receiver.close();
  });

  test.each(['log.gap', 'log.verify'])('what %s says of the time before a restart is looked at', (type) => {
    const raised: Alert[] = [];
    const condition = type === 'log.gap' ? 'lost' : 'integrity';
    const rules = new Rules({
      alerting: { rules: { rule: { condition, repeat: 0 } } },
      origin: ORIGIN,
      since: 0,
      raise: ({ alert }) => raised.push(alert),
    });
    const entry = (seq: number, data: object) => ({
      ...{ v: 1 as const, seq, prev: '', id: `e${seq}`, time: '2026-01-01T00:00:00.000Z', type },
      ...{
        category: 'audit' as const,
        level: 'critical' as const,
        operation: 'say',
        outcome: 'success' as const,
      },
      ...{ resource: { type: 'log', id: ORIGIN }, data: data as JsonObject },
    });
    rules.see(entry(1, { reasons: { dropped: 5 }, verdict: 'intact' }));
    expect(raised).toEqual([]);
    rules.see(entry(2, { reasons: { dropped: 5, 'queue-full': 2 }, verdict: 'tampered' }));
    expect(raised).toMatchObject([{ severity: 'critical', entry: { seq: 2 } }]);
  });

  test('lost: what a handler drops is not', async () => {
    const act = async ({ log, alerting }: Scene) => {
      log.use((event, next) => event.type === 'data.update' || next(event));
      log.emit(DATA);
      await log.flush();
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(alerting.status().rules.rule?.raised).toBe(0);
    };
    await alertsOf({ condition: 'lost', repeat: 0 }, act, 0);
  });
});

describe('loops', () => {
  test('what alerting records is not looked at, whatever a rule matches', async () => {
    const act = async ({ log, receiver, entries }: Scene) => {
      await log.record(EVENT);
      await until(() => receiver.alerts.length === 1);
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(await entries('alert.*')).toHaveLength(2);
    };
    const match = { type: ['*'], level: LEVELS[0] };
    const alerts = await alertsOf({ match, repeat: 0 }, act, 1, {
      policy: {},
    });
    expect(alerts.map(({ entry }) => entry?.type)).toEqual(['auth.attempt']);
  });

  test('an alert of lost events that the log has no room for is no lost event', async () => {
    const act = async ({ log, receiver, alerting }: Scene) => {
      // Full for as long as nobody yields: the entries of the alert find no room, either.
      for (let n = 0; n < 50; n++) log.emit(EVENT);
      const { lost } = log.health();
      await until(() => receiver.alerts.length >= 1);
      await new Promise((resolve) => setTimeout(resolve, 2_200));
      expect(log.health().lost).toEqual(lost);
      const { raised } = alerting.status().rules.rule!;
      await new Promise((resolve) => setTimeout(resolve, 2_200));
      expect(alerting.status().rules.rule?.raised).toBe(raised);
    };
    const log = { queueEvents: 1, queueTimeout: 0 };
    await alertsOf({ condition: 'lost', repeat: 0 }, act, 1, { log });
  });
});
