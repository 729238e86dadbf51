import { describe, expect, it } from 'vitest';
import * as access from '../../src/event/catalogue/access.ts';
import * as agents from '../../src/event/catalogue/agents.ts';
import { CATALOGUE, levelOf } from '../../src/event/catalogue/catalogue.ts';
import * as containers from '../../src/event/catalogue/containers.ts';
import { defineEvent } from '../../src/event/catalogue/define.ts';
import * as systems from '../../src/event/catalogue/systems.ts';
import { CATEGORIES, LEVELS, type Level, type Outcome } from '../../src/event/model.ts';
import { validate } from '../../src/event/validate.ts';

const constructors = { ...access, ...agents, ...containers, ...systems };
const container = { id: 'c1', name: 'web' };

/** Enough facts for every constructor. */
const FACTS = {
  ...{
    method: 'GET',
    path: '/a',
    status: 200,
    user: 'u',
    permission: 'p',
    policy: 'x',
    kind: 'k',
    keyId: 'k1',
    agent: 'a',
  },
  ...{
    language: 'python',
    tool: 't',
    target: 'x',
    provider: 'p',
    model: 'm',
    conversation: 'c',
    container,
    command: 'ls',
  },
  ...{
    reference: 'nginx',
    network: 'n',
    volume: 'v',
    limit: 1,
    observed: 2,
    setting: 's',
    metric: 'm',
    rule: 'r',
    system: 's',
    key: 7,
  },
};

describe('the catalogue', () => {
  it('has the 69 types of events.md', () => {
    expect(CATALOGUE.size).toBe(69);
    for (const [type, { category, level }] of CATALOGUE) {
      expect(type).toMatch(/^[a-z]+(\.[a-z_]+)+$/);
      expect(CATEGORIES).toContain(category);
      expect(LEVELS).toContain(levelOf(level, { outcome: 'success', data: {} }));
    }
  });

  it('has one constructor for each type but the log’s own', () => {
    const built = Object.values(constructors).map((construct) => construct(FACTS as never).type);
    const expected = [...CATALOGUE.keys()].filter((type) => !type.startsWith('log.'));
    expect(built.sort()).toEqual(expected.sort());
  });

  it.each(Object.entries(constructors))('%s constructs a valid event', (_, construct) => {
    const checked = validate(construct(FACTS as never));
    expect(checked.known).toBeDefined();
    expect(checked.resource.id).not.toBe('unknown');
  });

  it.each<[string, Outcome, object, Level]>([
    ['auth.attempt', 'success', {}, 'info'],
    ['auth.attempt', 'failure', {}, 'security'],
    ['auth.attempt', 'denied', {}, 'security'],
    ['authz.denied', 'denied', {}, 'security'],
    ['security.violation', 'denied', {}, 'critical'],
    ['code.execution', 'success', {}, 'info'],
    ['code.execution', 'failure', {}, 'error'],
    ['security.assessment', 'success', { findings: [] }, 'info'],
    [
      'security.assessment',
      'success',
      { findings: [{ severity: 'low' }, { severity: 'MEDIUM' }] },
      'warning',
    ],
    ['security.assessment', 'success', { findings: [{ severity: 'high' }] }, 'error'],
    ['security.assessment', 'success', { findings: [{ severity: 'critical' }, null, 5] }, 'critical'],
    ['security.assessment', 'success', { findings: 'none' }, 'info'],
    ['container.create', 'success', { risks: [{ severity: 'medium' }] }, 'info'],
    ['container.create', 'success', { risks: [{ severity: 'high' }] }, 'security'],
    ['container.die', 'success', { exitCode: 0 }, 'info'],
    ['container.die', 'success', { exitCode: 137 }, 'warning'],
    ['container.kill', 'success', {}, 'security'],
    ['resource.violation', 'failure', {}, 'warning'],
    ['resource.violation', 'failure', { action: 'killed' }, 'critical'],
    ['resource.violation', 'failure', { oomKilled: true }, 'critical'],
    ['log.gap', 'success', {}, 'critical'],
    ['log.key.rotate', 'success', {}, 'security'],
    ['log.open', 'success', {}, 'info'],
  ])('%s with outcome %s and %j has level %s', (type, outcome, data, level) => {
    expect(levelOf(CATALOGUE.get(type)?.level as Level, { outcome, data: data as never })).toBe(level);
  });
});

describe('a constructor', () => {
  it('puts facts into data and the rest around it', () => {
    const event = access.httpRequest({
      method: 'GET',
      route: '/orders/:id',
      path: '/orders/17',
      status: 404,
      actor: { type: 'user', id: 'u' },
      data: { extra: true },
    });
    expect(event).toEqual({
      type: 'http.request',
      operation: 'GET /orders/:id',
      resource: { type: 'route', id: '/orders/:id' },
      outcome: 'failure',
      actor: { type: 'user', id: 'u' },
      data: { method: 'GET', route: '/orders/:id', path: '/orders/17', status: 404, extra: true },
    });
  });

  it.each([
    [200, 'success'],
    [302, 'success'],
    [400, 'failure'],
    [401, 'denied'],
    [403, 'denied'],
    [407, 'denied'],
    [500, 'failure'],
    [null, 'aborted'],
  ] as const)('for HTTP makes status %s %s', (status, outcome) => {
    expect(access.httpRequest({ method: 'GET', path: '/', status }).outcome).toBe(outcome);
  });

  it('gives way to what the caller says', () => {
    const event = access.authAttempt({
      user: 'u',
      outcome: 'denied',
      operation: 'signin',
      level: 'critical',
      resource: { type: 'x', id: 'y' },
    });
    expect(event).toMatchObject({
      outcome: 'denied',
      operation: 'signin',
      level: 'critical',
      resource: { type: 'x', id: 'y' },
    });
  });

  it('keeps facts whose name in data the envelope has too', () => {
    expect(containers.resourceViolation({ kind: 'memory', limit: 1, observed: 2 }).data).toEqual({
      resource: 'memory',
      limit: 1,
      observed: 2,
    });
    expect(agents.modelInference({ provider: 'p', model: 'm', inference: 'chat' }).data).toMatchObject({
      operation: 'chat',
    });
  });
});

describe('defineEvent', () => {
  const approve = defineEvent<{ readonly invoice: string; readonly amount: number }>({
    type: 'invoice.approve',
    category: 'data_access',
    level: ({ outcome, data }) => (outcome === 'success' && Number(data.amount) > 100 ? 'warning' : 'info'),
    resource: ({ invoice }) => ({ type: 'invoice', id: invoice }),
  });

  it('makes events that say their category and level', () => {
    expect(approve({ invoice: 'i1', amount: 500 })).toEqual({
      type: 'invoice.approve',
      category: 'data_access',
      level: 'warning',
      operation: 'approve',
      resource: { type: 'invoice', id: 'i1' },
      outcome: 'success',
      data: { invoice: 'i1', amount: 500 },
    });
    expect(approve({ invoice: 'i1', amount: 5 }).level).toBe('info');
    expect(validate(approve({ invoice: 'i1', amount: 5 })).type).toBe('invoice.approve');
  });

  it.each([
    [{ type: 'Not.Good', category: 'audit' }],
    [{ type: 'auth.attempt', category: 'audit' }],
    [{ type: 'log.fake', category: 'audit' }],
    [{ type: 'a.b', category: 'stuff' }],
    [{ type: 'a.b', category: 'audit', level: 'fatal' }],
  ])('refuses %j', (definition) => {
    expect(() => defineEvent({ resource: () => ({ type: 'x', id: 'y' }), ...definition } as never)).toThrow(
      RangeError,
    );
  });
});
