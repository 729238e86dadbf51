// The environment reaches a policy by ${NAME} and in no other way.
import { parsePolicy } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { problemsOf } from './support/problems.ts';

/** `${name}`, which a linter would take for a template. */
const ref = (name: string) => `\${${name}}`;

describe('a reference to the environment', () => {
  const read = (text: string, env: Record<string, string>) => parsePolicy(text, { env });

  test('is replaced, as a whole or in part, quoted or not', () => {
    const env = { HOST: 'shop', DOMAIN: 'example' };
    for (const value of [
      `${ref('HOST')}.${ref('DOMAIN')}/audit`,
      `"${ref('HOST')}.example/audit"`,
      `'shop.${ref('DOMAIN')}/audit'`,
    ]) {
      expect(
        read(`log: {origin: ${JSON.stringify(value.replace(/^["']|["']$/g, ''))}}`, env).log.origin,
      ).toBe('shop.example/audit');
      expect(read(`log:\n  origin: ${value}\n`, env).log.origin).toBe('shop.example/audit');
    }
  });

  test('may be a number, a word or a quantity, where the key wants one', () => {
    const env = { PORT: '8080', YES: 'true', AGE: '2d', WAY: 'remove', ONE: 'container' };
    const text = `
monitoring: {port: "${ref('PORT')}"}
signing: {allowUnsigned: "${ref('YES')}"}
rotation: {age: "${ref('AGE')}"}
privacy: {way: "${ref('WAY')}"}
integrations: {docker: {events: ["${ref('ONE')}"]}}
`;
    const policy = read(text, env);
    expect(policy.monitoring.port).toBe(8080);
    expect(policy.log).toMatchObject({
      allowUnsigned: true,
      segmentAge: 172_800_000,
      privacy: { way: 'remove' },
    });
    expect(policy.docker.watch.events).toEqual(['container']);
  });

  test('brings a value, never a key, a list or a map', () => {
    const env = { EVIL: '{origin: x}, storage: {directory: /}', LIST: '[a]' };
    expect(problemsOf(`log: "${ref('EVIL')}"`, env)).toEqual([
      '1:6: log must be a map of keys, each on its own line as "key: value"',
    ]);
    expect(problemsOf(`privacy: {keys: "${ref('LIST')}"}`, env)).toEqual([
      '1:17: privacy.keys must be a list, such as [a, b]',
    ]);
  });

  test('that is not set is told, with its place', () => {
    expect(problemsOf(`log:\n  origin: ${ref('NOT_SET')}/audit\n`)).toEqual([
      '2:11: log.origin needs the environment variable NOT_SET, which is not set',
    ]);
    expect(problemsOf(`log:\n  origin: ${ref('toString')}\n`)).toHaveLength(1);
  });

  test('that is empty is an empty text', () => {
    expect(problemsOf(`log: {origin: "${ref('EMPTY')}"}`, { EMPTY: '' })).toEqual([
      expect.stringContaining('log.origin must be a schema-less URL'),
    ]);
  });

  test('is never shown by its value, which may be a secret', () => {
    const problems = problemsOf(`log: {origin: "${ref('TOKEN')}"}\nmonitoring: {port: "${ref('TOKEN')}"}`, {
      TOKEN: 'hunter2 ',
    });
    expect(problems).toHaveLength(2);
    for (const problem of problems) expect(problem).not.toContain('hunter2');
    expect(problems[1]).toContain('it is the value of TOKEN');
  });

  test('is escaped by a second $', () => {
    const policy = read(`privacy: {keys: ["$${ref('A')}", "$A", "a$"]}`, {});
    expect(policy.log.privacy?.keys).toEqual([{ key: ref('A') }, { key: '$A' }, { key: 'a$' }]);
  });

  test.each(['', '}', 'A-B}', 'A', 'A:-b}', '1A}'])('that goes on with %j is none', (text) => {
    expect(problemsOf(`log: {origin: 'x\${${text}'}`, { A: 'a' })).toEqual([
      expect.stringContaining('log.origin begins a reference with "${" that is none'),
    ]);
  });

  test('is not read where there is none: other variables do nothing', () => {
    expect(read('', { AUDIT_ORIGIN: 'x', PORT: '1' })).toEqual(parsePolicy('', { env: {} }));
  });
});
