import { describe, expect, it } from 'vitest';
import { limitsOf } from '../../src/resources/labels.ts';
import { resolveResourceOptions } from '../../src/resources/options.ts';
import { parseRule } from '../../src/resources/rule.ts';

describe('a limit', () => {
  it.each([
    ['memory', '90%', { share: 0.9 }],
    ['memory', '512m', { amount: 536_870_912 }],
    ['memory', '1.5G', { amount: 1_610_612_736 }],
    ['memory', '4096', { amount: 4_096 }],
    ['cpu', '12.5%', { share: 0.125 }],
    ['pids', '200', { amount: 200 }],
    ['pids', '100%', { share: 1 }],
    ['disk', '50m/s', { amount: 52_428_800 }],
    ['network', '8k/s', { amount: 8_192 }],
    ['time', '2h', { amount: 7_200_000 }],
  ] as const)('of %s is written %s', (kind, text, threshold) => {
    expect(parseRule(kind, text)).toMatchObject({ kind, text, threshold });
  });

  it('of restarts is a number within a time', () => {
    expect(parseRule('restarts', '5/10m')).toMatchObject({ threshold: { amount: 5 }, windowMs: 600_000 });
  });

  it('may say for how long, and what is done', () => {
    expect(parseRule('memory', '90% for 2m kill')).toMatchObject({ sustainedMs: 120_000, action: 'kill' });
    expect(parseRule('pids', '100% pause')).toMatchObject({ action: 'pause', sustainedMs: undefined });
    expect(parseRule('cpu', '50% for 500ms')).toMatchObject({ sustainedMs: 500, action: undefined });
  });

  it('may be off', () => {
    expect(parseRule('memory', 'off')).toBeNull();
  });

  it.each([
    ...[
      ['memory', ''],
      ['memory', '0%'],
      ['memory', '101%'],
      ['memory', '-5m'],
      ['memory', '90 %'],
    ],
    ...[
      ['memory', '1e3'],
      ['memory', '5mb'],
      ['memory', '99999999999t'],
      ['memory', '90% kill now'],
    ],
    ...[
      ['memory', '90% for kill'],
      ['memory', '90% for 0s'],
      ['memory', '90%  kill'],
      ['memory', 'OFF'],
    ],
    ...[
      ['cpu', '512m'],
      ['cpu', '2'],
      ['pids', '1.5'],
      ['pids', '0'],
      ['disk', '50m'],
      ['network', '5%/s'],
    ],
    ...[
      ['time', '90'],
      ['time', '2h for 5m'],
      ['restarts', '5'],
      ['restarts', '5/0s'],
      ['restarts', '5/1m/2'],
    ],
    ...[
      ['restarts', '0/1m'],
      ['memory', '90% explode'],
    ],
  ] as const)('of %s is not written %j', (kind, text) => {
    expect(() => parseRule(kind as 'memory', text as string)).toThrow(RangeError);
  });
});

describe('labels of a container', () => {
  const defaults = resolveResourceOptions({ time: '1d' });

  it('change the limits of the options one by one', () => {
    const { rules, action, protect, problems } = limitsOf(
      {
        'audit.limits.memory': '512m kill',
        'audit.limits.time': 'off',
        'audit.limits.action': 'pause',
        'audit.limits.protect': 'true',
        'com.example.memory': '90%',
      },
      defaults,
    );
    expect(rules.get('memory')).toMatchObject({ threshold: { amount: 536_870_912 }, action: 'kill' });
    expect(rules.has('time')).toBe(false);
    expect(rules.get('pids')).toBe(defaults.rules.get('pids'));
    expect({ action, protect, problems }).toEqual({ action: 'pause', protect: true, problems: [] });
  });

  it('that say nothing are told, and change nothing', () => {
    const { rules, action, protect, problems } = limitsOf(
      {
        'audit.limits.memory': 'plenty',
        'audit.limits.memroy': '90%',
        'audit.limits.action': 'explode',
        'audit.limits.protect': 'yes',
      },
      defaults,
    );
    expect(rules).toEqual(defaults.rules);
    expect({ action, protect }).toEqual({ action: 'alert', protect: false });
    expect(problems).toHaveLength(4);
    expect(problems[0]).toMatch(/^Label audit\.limits\.memory: "plenty" is no limit of memory: write "90%"/);
    expect(problems[1]).toMatch(/audit\.limits\.memroy limits nothing; there are audit\.limits\.\{memory, /);
  });
});

describe('resource options', () => {
  it('have defaults for everything', () => {
    const { rules, ...rest } = resolveResourceOptions();
    expect([...rules.keys()]).toEqual(['memory', 'cpu', 'pids', 'restarts']);
    expect(rest).toEqual({
      ...{ action: 'alert', protect: [], labels: true, sustained: 30_000, release: 0.9 },
      ...{ updateInterval: 600_000, sampleInterval: 10_000, samplesPerSecond: 5, samplesInFlight: 16 },
      ...{ stopTimeout: 10, actionTimeout: 60_000 },
    });
  });

  it.each([
    [{ memory: 'much' }, /resources\.memory: "much" is no limit of memory/],
    [{ memory: 0.9 }, /resources\.memory must be a string/],
    [{ memmory: '90%' }, /resources\.memmory is not an option; there are memory, cpu/],
    [{ action: 'explode' }, /resources\.action must be one of none, alert, pause, stop, kill/],
    [{ protect: 'db' }, /resources\.protect must be an array/],
    [{ labels: 'yes' }, /resources\.labels must be true or false/],
    [{ release: 2 }, /resources\.release must be from 0\.1 to 1/],
    [{ sustained: '30s' }, /resources\.sustained must be a number/],
    [{ stopTimeout: 60 }, /resources\.actionTimeout \(ms\) must be longer/],
  ])('refuse %j', (options, message) => {
    expect(() => resolveResourceOptions(options as never)).toThrow(message);
  });
});
