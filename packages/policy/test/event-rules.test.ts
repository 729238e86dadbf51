// Rules for events by their type: which one holds, what it does, and what it never does.
import { type AuditEvent, type AuditLog, type Entry, withAuditContext } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import { type EventRulesOptions, eventRules, RECORDING_LEVELS } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { EVENT } from './effects/logs.ts';
import { problemsOf } from './support/problems.ts';

interface Recorded {
  readonly entries: readonly Entry[];
  /** Of `log.gap`: by type. */
  readonly dropped: unknown;
}

/** What comes of events under rules; the log is verified. */
async function under(options: EventRulesOptions, use: (log: AuditLog) => void): Promise<Recorded> {
  const log = (await createTestLog()).use(eventRules(options));
  use(log);
  await log.flush();
  const entries: Entry[] = [];
  for await (const entry of log.entries({ from: 1 })) entries.push(entry);
  const report = await log.verify();
  expect(report.verdict).toBe('intact');
  const gap = entries.find(({ type }) => type === 'log.gap');
  return { entries: entries.filter(({ type }) => type !== 'log.gap'), dropped: gap?.data?.dropped };
}

const emit = (options: EventRulesOptions, ...events: Partial<AuditEvent>[]) =>
  under(options, (log) => {
    for (const event of events) log.emit({ ...EVENT, ...event });
  });

const types = ({ entries }: Recorded) => entries.map(({ type }) => type);

describe('eventRules', () => {
  test('without rules changes nothing', async () => {
    const { entries } = await emit({}, { level: 'debug', data: { a: 1 } });
    expect(entries).toMatchObject([{ type: 'data.update', level: 'debug', data: { a: 1 } }]);
  });

  test('drops what is switched off, counts it by type, and rejects it where somebody waits', async () => {
    const options = { events: { 'data.*': { enabled: false } } };
    const seen = await emit(
      options,
      { type: 'data.read' },
      { type: 'data.read' },
      {},
      { type: 'auth.logout' },
    );
    expect(types(seen)).toEqual(['auth.logout']);
    expect(seen.dropped).toEqual({ 'data.read': 2, 'data.update': 1 });
    const log = (await createTestLog()).use(eventRules(options));
    await expect(log.record(EVENT)).rejects.toMatchObject({ code: 'DROPPED' });
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  });

  test('takes the most specific rule, member by member, and events before the level', async () => {
    const { entries } = await emit(
      {
        events: {
          '*': { level: 'debug' },
          'data.*': { detail: 'metadata', level: 'warning' },
          'data.u*': { level: 'error' },
        },
        fallback: { 'data.update': { level: 'critical', detail: 'request-response', enabled: true } },
        least: 'critical',
      },
      { data: { a: 1 } },
    );
    // Level by `data.u*`, detail by `data.*`, enabled by the level, which is asked last.
    expect(entries).toMatchObject([{ level: 'error' }]);
    expect(entries[0]).not.toHaveProperty('data');
  });

  test.each([
    ['metadata', undefined],
    ['request', { before: { a: 1 }, by: 'u1' }],
    ['request-response', { before: { a: 1 }, after: { a: 2 }, by: 'u1' }],
  ] as const)('detail %s of an event', async (detail, data) => {
    const event = { data: { before: { a: 1 }, after: { a: 2 }, by: 'u1' } };
    const { entries } = await emit({ events: { '*': { detail } } }, event);
    expect(entries[0]?.data).toEqual(data);
    expect(event.data.after).toEqual({ a: 2 });
  });

  test.each([
    ['metadata', ['method']],
    ['request', ['method', 'requestBody']],
    ['request-response', ['method', 'requestBody', 'responseBody']],
  ] as const)('detail %s of an HTTP exchange', async (detail, names) => {
    const data = { method: 'GET', requestBody: { bytes: 1 }, responseBody: { bytes: 2 } };
    const { entries } = await emit({ events: { 'http.*': { detail } } }, { type: 'http.request', data });
    expect(Object.keys(entries[0]!.data!)).toEqual(names);
  });

  test('lets pass by level, by the catalogue’s too, and categories whatever their level', async () => {
    const options = { least: 'warning', always: ['data_access'] } as const;
    const seen = await emit(
      options,
      ...[
        { type: 'auth.attempt' },
        { type: 'auth.attempt', outcome: 'denied' as const },
        { type: 'file.access' },
      ],
      ...[
        { type: 'code.execution', outcome: 'failure' as const },
        { type: 'data.read' },
        { type: 'session.end', level: 'error' as const },
      ],
    );
    expect(types(seen)).toEqual(['auth.attempt', 'code.execution', 'data.read', 'session.end']);
    expect(seen.dropped).toEqual({ 'auth.attempt': 1, 'file.access': 1 });
  });

  test('samples about the share, and the events of a trace or request together', async () => {
    const traces = Array.from({ length: 2_000 }, (_, i) => `${i}`.padStart(32, '0'));
    const { entries, dropped } = await under({ events: { '*': { sample: 0.25 } } }, (log) => {
      for (const traceId of traces) {
        withAuditContext({ trace: { traceId } }, () => log.emit(EVENT));
        log.emit({ ...EVENT, type: 'data.read', trace: { traceId, requestId: 'another' } });
      }
    });
    const byType = (wanted: string) =>
      entries.filter(({ type }) => type === wanted).map(({ trace }) => trace?.traceId);
    expect(byType('data.update')).toEqual(byType('data.read'));
    // 500 are expected, and one in a thousand million runs is further off than six standard deviations.
    expect(Math.abs(entries.length / 2 - 500)).toBeLessThan(6 * Math.sqrt(2_000 * 0.25 * 0.75));
    const counted = Object.values(dropped as Record<string, number>).reduce((a, b) => a + b, 0);
    expect(counted + entries.length).toBe(4_000);
  });

  test('samples nothing of level security and above, unless it is said', async () => {
    const some = (sampleSecurity: boolean, event: Partial<AuditEvent>) =>
      emit({ events: { '*': { sample: 0, sampleSecurity } } }, event);
    for (const event of [
      { level: 'security' },
      { level: 'critical' },
      { type: 'auth.attempt', outcome: 'denied' },
    ] as const) {
      expect((await some(false, event)).entries).toHaveLength(1);
      expect((await some(true, event)).entries).toHaveLength(0);
    }
    expect((await some(false, {})).entries).toHaveLength(0);
  });

  test('reaches neither the log’s own entries nor changes of the policy', async () => {
    const seen = await emit({ events: { '*': { enabled: false } } }, EVENT, { type: 'system.config_change' });
    expect(types(seen)).toEqual(['system.config_change']);
    expect(seen.dropped).toEqual({ 'data.update': 1 });
    for (const name of ['log.gap', 'log.*', 'system.config_change']) {
      expect(problemsOf(`events: {${name}: {enabled: false}}`)).toEqual([
        `1:10: events.${name} is what the log says of itself and its policy: no rule can change that`,
      ]);
    }
  });

  test.each([null, undefined, 7, {}, { type: 7 }])(
    'leaves %j to the log, which refuses it',
    async (event) => {
      const log = (await createTestLog()).use(eventRules({ events: { '*': { enabled: false } } }));
      await expect(log.record(event as never)).rejects.toMatchObject({ code: 'EVENT_INVALID' });
      expect((await log.verify()).verdict).toBe('intact');
      await log.close();
    },
  );

  test('has a level for little: no reads, no success of what is allowed, all of what is not', async () => {
    const { least, always, events } = RECORDING_LEVELS.minimal;
    const seen = await emit(
      { least, always, fallback: events },
      ...[
        { type: 'data.read' },
        { type: 'auth.attempt' },
        { type: 'authz.denied' },
        { type: 'http.request', data: { method: 'POST' } },
      ],
      ...[
        { type: 'container.kill' },
        { type: 'model.inference', data: { prompt: 'x' }, level: 'error' as const },
      ],
    );
    expect(types(seen)).toEqual([
      'auth.attempt',
      'authz.denied',
      'http.request',
      'container.kill',
      'model.inference',
    ]);
    expect(seen.entries.at(-1)).not.toHaveProperty('data');
  });
});
