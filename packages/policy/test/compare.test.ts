// What differs between two policies in effect, and what of it is weaker: also where that can only be suspected.
import { comparePolicies, parsePolicy } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { defaultOf } from '../src/compare/defaults.ts';
import { fingerprint } from '../src/compare/fingerprint.ts';
import { policyKeys } from '../src/keys.ts';
import { yamlOf } from './support/effect.ts';

const compare = (before: string, after: string) =>
  comparePolicies(parsePolicy(before, { file: 'a' }), parsePolicy(after, { file: 'b' }));
/** `+key` for a change at least as strong, `-key` for a weaker one. */
const marks = (before: string, after: string) =>
  compare(before, after).map(({ key, weakening }) => (weakening ? '-' : '+') + key);

describe('comparePolicies', () => {
  test('tells each change with both values and their places', () => {
    expect(compare('storage: {directory: a}', 'log: {service: a}\nstorage: {directory: b}')).toEqual([
      {
        key: 'log.service',
        before: null,
        after: 'a',
        beforePlace: undefined,
        afterPlace: { file: 'b', line: 1, column: 7 },
        weakening: false,
      },
      {
        key: 'storage.directory',
        before: 'a',
        after: 'b',
        beforePlace: { file: 'a', line: 1, column: 11 },
        afterPlace: { file: 'b', line: 2, column: 11 },
        weakening: true,
      },
    ]);
  });

  test('finds no difference between a default that is left out and one that is written', () => {
    for (const { path, default: fallback } of policyKeys()) {
      if (fallback === undefined) continue;
      const name = path.join('.');
      // What must stand beside others cannot be written alone.
      if (/^alerting\.(?:rules|channels)\./.test(name)) continue;
      expect(compare('', yamlOf({ [name]: JSON.stringify(fallback) })), name).toEqual([]);
    }
  });

  test('knows the default of each key by the value it is read as', () => {
    const size = policyKeys().find(({ path }) => path.join('.') === 'rotation.size')!;
    expect(defaultOf({ path: size.path, pattern: size.path })).toEqual({
      written: '256MiB',
      read: 256 * 1024 ** 2,
    });
    expect(fingerprint({ b: 1, a: undefined })).toBe(fingerprint({ b: 1 }));
    expect(fingerprint(/a/u)).not.toBe(fingerprint(/b/u));
    expect(fingerprint(Uint8Array.of(1))).not.toBe(fingerprint(Uint8Array.of(2)));
  });

  test('takes policies that were read, and no copies of them', () => {
    const policy = parsePolicy('');
    expect(() => comparePolicies(policy, { ...policy })).toThrow(TypeError);
  });

  // Each from weak to strong: the way back must be weaker.
  test.each([
    ['', 'locked: true'],
    ['privacy: {keys: [a]}', 'privacy: {keys: [b, a]}'],
    ['privacy: {allowKeys: [pin]}', ''],
    ['', 'privacy: {patterns: {a: "[0-9]x"}}'],
    ['privacy: {allowPatterns: [jwt]}', ''],
    ['', 'privacy: {pointers: [/data/a]}'],
    ['', 'privacy: {way: remove}'],
    ['signing: {allowUnsigned: true}', ''],
    ['', 'integrity: {heartbeat: 1h}'],
    ['integrity: {heartbeat: 2h}', 'integrity: {heartbeat: 1h}'],
    ['storage: {fileMode: "0640"}', ''],
    ['performance: {queueEvents: 7}', ''],
    ['events: {a.*: {enabled: false}}', ''],
    ['events: {a.*: {enabled: false}}', 'events: {a.*: {enabled: false}, a.b: {enabled: true}}'],
    ['events: {a.*: {sample: 10%}}', 'events: {a.*: {sample: 20%}}'],
    ['events: {a.*: {sample: 10%, sampleSecurity: true}}', 'events: {a.*: {sample: 10%}}'],
    ['events: {a.*: {detail: metadata}}', 'events: {a.*: {detail: request}}'],
    ['events: {a.*: {level: info}}', 'events: {a.*: {level: error}}'],
    ['events: {a.*: {onFailure: spool}}', 'events: {a.*: {onFailure: strict}}'],
    ['events: {a.*: {onFailure: spool}}', 'events: {a.*: {onFailure: spool}, a.b: {onFailure: strict}}'],
    ['level: minimal', ''],
    ['', 'level: comprehensive'],
    ['level: one\nlevels: {one: {least: warning}}', 'level: one\nlevels: {one: {least: info}}'],
    [
      'level: one\nlevels: {one: {least: warning, always: [audit]}}',
      'level: one\nlevels: {one: {least: warning, always: [audit, resource]}}',
    ],
    ['integrations: {http: {detail: metadata}}', 'integrations: {http: {detail: request}}'],
    ['integrations: {express: {headers: [a]}}', 'integrations: {express: {headers: [a, b]}}'],
    ['', 'integrations: {nest: {onFailure: strict}}'],
    ['', 'integrations: {winston: {overload: spool, spoolDirectory: d}}'],
  ])('%j is weaker than %j', (weak, strong) => {
    const up = marks(weak, strong).filter((mark) => mark !== '-integrations.winston.spoolDirectory');
    const down = marks(strong, weak);
    expect(up.length).toBeGreaterThan(0);
    expect(up.filter((mark) => mark.startsWith('-'))).toEqual([]);
    expect(down.some((mark) => mark.startsWith('-'))).toBe(true);
  });

  test.each([
    // What stood against a wider rule is gone.
    [
      'events: {a.*: {enabled: false}, a.b: {enabled: true}}',
      'events: {a.*: {enabled: false}}',
      '-events.a.b.enabled',
    ],
    // A level of one's own may be below what the event would have had.
    ['', 'events: {a.*: {level: error}}', '-events.a.*.level'],
    // Rules can be anything to other rules.
    [
      'integrations: {http: {detail: [{method: GET, detail: none}]}}',
      'integrations: {http: {detail: [{method: PUT, detail: none}]}}',
      '-integrations.http.detail',
    ],
    ['privacy: {patterns: {a: "[0-9]x"}}', 'privacy: {patterns: {a: "[0-9]y"}}', '-privacy.patterns'],
    ['', 'storage: {directory: elsewhere}', '-storage.directory'],
    ['', 'signing: {algorithm: ecdsa-p256}', '-signing.algorithm'],
  ])('%j to %j may be weaker, so it is', (before, after, mark) => {
    expect(marks(before, after)).toContain(mark);
  });

  test('calls no change of a level weaker that nobody uses', () => {
    expect(marks('', 'levels: {other: {least: security}}')).toEqual(['+levels.other.least']);
  });
});
