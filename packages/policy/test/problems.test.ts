// What is wrong with a policy is told all at once, each with its place and what was probably meant.
import { generatePrivateKey, signerFromPem } from '@audit/core';
import { describe, expect, test } from 'vitest';
import { allKeys, yamlOf } from './support/effect.ts';
import { problemsOf } from './support/problems.ts';

describe('a policy', () => {
  test('may be empty, and so may its sections and its keys', () => {
    for (const text of [
      '',
      '# nothing\n',
      'log:\n',
      'log: {}\n',
      'log:\n  origin:\n',
      'integrations:\n  docker:\n    engines:\n      a:\n',
    ]) {
      expect(problemsOf(text)).toEqual([]);
    }
  });

  test('cannot ask for what could never be pruned, nor hold without a reason', () => {
    const text = `
retention:
  keep: 30
  types: {Auth.x: 1d, auth.*: forever, data: never}
  categories: {authentification: 1d}
  levels: {loud: 1d}
  holds: {case: {since: "2026-13-01"}}
  approvers: [alice]
`;
    expect(problemsOf(text)).toEqual([
      '3:9: retention.keep must be a duration such as 30s or 5m (a whole number and ms, s, m, h, d), or forever; it is 30',
      '4:11: retention.types.Auth.x must be a type, or a prefix that ends in *, such as auth.*',
      expect.stringMatching(
        /^4:\d+: retention\.types\.data must be a duration .*, or forever; it is "never"$/,
      ),
      expect.stringMatching(
        /^5:16: retention\.categories\.authentification must be one of agent_lifecycle, /,
      ),
      expect.stringMatching(/^6:12: retention\.levels\.loud must be one of debug, info, /),
      '7:25: retention.holds.case.since must be a day or a time, such as 2026-01-31 or 2026-01-31T12:00:00Z; it is "2026-13-01"',
      '8:15: retention.approvers.0 must be a verifier key (name+id+base64), as audit key show prints it; it is "alice"',
    ]);
    expect(problemsOf('retention: {requireArchive: true, holds: {case: {type: "auth.*"}}}')).toEqual([
      expect.stringContaining('retention.holds.case.reason is missing: say why, for whoever asks later'),
    ]);
    expect(problemsOf('retention: {requireArchive: true}')).toEqual([
      '1:29: retention.requireArchive needs archive.directory: without it nothing could ever be pruned',
    ]);
    const { vkey } = signerFromPem('alice.example', generatePrivateKey('ed25519')).key;
    expect(problemsOf(`retention: {approvals: 2, approvers: ["${vkey}"]}`)).toEqual([
      '1:24: retention.approvals are more than there are approvers',
    ]);
  });

  test('is told every problem of it, in the order of the file', () => {
    const text = `
log: {origin: "a b"}
performance:
  quueEvents: 3
  queueBytes: 64M
  queueTimeout: 5
  batchEvents: 0
queueBytes: 3
storage: [1]
integrations:
  docker:
    events: [container, pod]
    retryMin: 40s
    engines:
      a b:
      l: {host: "unix:///x", ca: foo, kye: x}
privacy:
  way: hmac
  patterns: {x: '(', y: 'a*'}
  pointers: [a, /data/x, /dat/x]
  hmacKey: x
monitoring: {port: 65536, address: ''}
`;
    expect(problemsOf(text)).toEqual([
      '2:15: log.origin must be a schema-less URL without spaces or "+", such as shop.example/audit; it is "a b"',
      '4:3: performance.quueEvents is no key; did you mean queueEvents?',
      '5:15: performance.queueBytes must be a size such as 64MiB (a whole number and B, kB, MB, GB, KiB, MiB, GiB); it is "64M"',
      '6:17: performance.queueTimeout must be a duration such as 30s or 5m (a whole number and ms, s, m, h, d); it is 5',
      `7:16: performance.batchEvents must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}; it is 0`,
      '8:1: queueBytes is no key here; there is performance.queueBytes',
      '9:10: storage must be a map of keys, each on its own line as "key: value"',
      '12:25: integrations.docker.events.1 must be one of container, image, network, volume; it is "pod"',
      '13:15: integrations.docker.retryMin is longer than retryMax',
      '15:7: integrations.docker.engines.a b must be called by 1 to 63 letters, digits, ".", "_" or "-"',
      '16:17: integrations.docker.engines.l.host has no TLS, so ca, cert and key have no effect: use tcp:// or https://, or leave them out',
      '16:39: integrations.docker.engines.l.kye is no key; did you mean key?',
      '18:8: privacy.way is hmac, here or in a rule, which needs hmacKeyFile',
      expect.stringMatching(/^19:17: privacy\.patterns\.x must be a regular expression \(.+\); it is "\("$/),
      '19:25: privacy.patterns.y must be a regular expression that needs at least one character; it is "a*"',
      '20:14: privacy.pointers.0 "a" is no JSON Pointer; it must begin with "/"',
      '20:26: privacy.pointers.2 "/dat/x" must lead into operation, resource, actor, trace, error, data',
      '21:3: privacy.hmacKey is no key; there are enabled, way, hmacKeyFile, keys, allowKeys, patterns, allowPatterns, pointers',
      '22:20: monitoring.port must be a whole number from 0 to 65535; it is 65536',
      '22:36: monitoring.address must be an address or a host name; it is ""',
    ]);
  });

  test.each([
    ['log: {orgin: a}', '1:7: log.orgin is no key; did you mean origin?'],
    ['Log: {origin: a}', '1:1: Log is no key; did you mean log?'],
    [
      'storage: {state-directory: a}',
      '1:11: storage.state-directory is no key; did you mean stateDirectory?',
    ],
    ['signing: {algorihtm: ed25519}', '1:11: signing.algorihtm is no key; did you mean algorithm?'],
    ['origin: a', '1:1: origin is no key here; there is log.origin'],
    [
      'constructor: {}',
      expect.stringMatching(/^1:1: constructor is no key; there are extends, log, storage, /),
    ],
    ['__proto__: {log: {}}', '1:1: has a key that is no name'],
    ['? [a]\n: b', '1:3: has a key that is no name'],
  ])('%j has a key that is none', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test.each([
    ['log:\n  origin: a\n  origin: b', '3:3: log.origin is there twice: keep one of them'],
    ['log: [', /^1:\d+: is not as YAML has it: /],
    ['log:\n\torigin: a', /^2:1: is not as YAML has it: /],
    [
      'log: &x {origin: a}\nstorage: *x',
      '2:10: storage must not be an alias: write the value out, so that it is read where it acts',
    ],
    ['log: {origin: !secret a}', /^1:15: is not as YAML has it: Unresolved tag/],
    ['{}\n---\n{}', /^2:1: is not as YAML has it: Source contains multiple documents/],
    ['- log', '1:1: must be a map of keys, each on its own line as "key: value"'],
    ['log', '1:1: must be a map of keys, each on its own line as "key: value"'],
  ])('%j is YAML that says nothing clear', (text, problem) => {
    expect(problemsOf(text)).toEqual([
      typeof problem === 'string' ? problem : expect.stringMatching(problem),
    ]);
  });

  test.each([
    ['cert: a', '1:62: integrations.docker.engines.e.cert needs key, its private key'],
    ['key: a', '1:61: integrations.docker.engines.e.key needs cert, its certificate'],
  ])('an engine with only %s is told what is missing', (key, problem) => {
    expect(problemsOf(`integrations: {docker: {engines: {e: {host: "tcp://h", ${key}}}}}`)).toEqual([
      problem,
    ]);
  });

  test('certificates without a host are told where the others come from', () => {
    expect(problemsOf('integrations: {docker: {engines: {e: {ca: a}}}}')).toEqual([
      expect.stringContaining('integrations.docker.engines.e.host is needed beside ca and cert'),
    ]);
  });

  test('findings that are blocked already are for nobody to look at', () => {
    const problems = (values: string) => problemsOf(`integrations: {assessor: {${values}}}`);
    expect(problems('block: medium, review: high')).toEqual([
      expect.stringMatching(/^1:\d+: integrations\.assessor\.review has no effect, for block is milder/),
    ]);
    for (const fine of [
      'block: never, review: critical',
      'block: info, review: never',
      'block: low, review: low',
    ]) {
      expect(problems(fine)).toEqual([]);
    }
  });

  test('a key of hmac without hmac would do nothing', () => {
    const file = new URL('fixtures/hmac-a.key', import.meta.url).pathname;
    expect(problemsOf(`privacy: {hmacKeyFile: ${file}}`)).toEqual([
      '1:24: privacy.hmacKeyFile has no effect unless privacy.way, or the way of a rule, is hmac: set that, or leave this out',
    ]);
  });

  test.each([
    ['/nowhere/at/all', /must be a file that can be read \(ENOENT\)/],
    [new URL('tsconfig.json', import.meta.url).pathname.replace(/[^/]+$/, ''), /\(EISDIR\)/],
    [new URL('fixtures/short.key', import.meta.url).pathname, /of at least 32 bytes, this has 5/],
  ])('a key of hmac at %s is refused', (file, reason) => {
    expect(problemsOf(`privacy: {way: hmac, hmacKeyFile: ${file}}`)).toEqual([expect.stringMatching(reason)]);
  });

  test('refuses a value of the wrong kind for each of its keys', () => {
    for (const key of allKeys()) {
      for (const value of ['{a: {b: [c]}}', '[[1]]', '-3.5']) {
        const problems = problemsOf(yamlOf({ [key]: value }));
        expect(problems.length, `${key}: ${value}`).toBeGreaterThan(0);
        expect(problems[0]).toContain(key.replaceAll('*', 'one'));
      }
    }
  });

  test('refuses each of its keys once a letter of it is missing', () => {
    for (const key of allKeys()) {
      const wrong = key.slice(0, -1);
      // `levels` without its last letter is a key, too.
      if (allKeys().includes(wrong) || key.split('.').at(-1)!.length <= 2) continue;
      expect(problemsOf(yamlOf({ [wrong]: 'null' })), key).toEqual([
        expect.stringContaining(`is no key; did you mean ${key.split('.').at(-1)}?`),
      ]);
    }
  });
});
