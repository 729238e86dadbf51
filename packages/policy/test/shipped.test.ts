// What is shipped: config/audit.yaml with every key and its default, and the JSON Schema editors read.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAuditLog } from '@audit/core';
import { loadPolicy, parsePolicy, RECORDING_LEVELS } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { type Document, parse, parseDocument } from 'yaml';
import { z } from 'zod';
import { policyKeys } from '../src/keys.ts';
import { policyJsonSchema } from '../src/schema.ts';

const path = fileURLToPath(new URL('../../../config/audit.yaml', import.meta.url));
const text = readFileSync(path, 'utf8');

/** The file with the examples of alerting as if they were no comments. */
const withExamples = text.replace(
  /^( {2}(?:rules|channels):) \{\}\n((?: {2}# {3,}.*\n)+)/gm,
  (_, key: string, example: string) => `${key}\n${example.replace(/^ {2}# /gm, '  ')}`,
);
const EXAMPLE_ENV = { ALERT_SECRET: `whsec_${'A'.repeat(32)}`, SMTP_PASSWORD: 'p', SLACK_PATH: 'T/B/s' };

/** Where a key of a rule or a channel stands: in one of the examples. Undefined for other keys. */
function exampleOf(document: Document, key: string): readonly string[] | undefined {
  const [, map, rest = ''] = /^alerting\.(rules|channels)\.\*\.(.*)$/.exec(key) ?? [];
  if (map === undefined) return undefined;
  const names = Object.keys(document.toJS().alerting[map]);
  const places = names.map((name) => ['alerting', map, name, ...rest.split('.')]);
  return places.find((place) => document.hasIn(place)) ?? [key];
}

describe('config/audit.yaml', () => {
  const document = parseDocument(withExamples);
  const lines = withExamples.split('\n');

  test('has examples that are read without a problem', () => {
    const { alerting } = parsePolicy(withExamples, { env: EXAMPLE_ENV });
    expect(Object.keys(alerting.rules ?? {})).toEqual(['failed-logins', 'heartbeat-stopped', 'disk']);
    const kinds = Object.values(alerting.channels ?? {}).map((channel) => Object.keys(channel)[0]);
    expect(kinds).toEqual(['webhook', 'email', 'slack', 'command', 'log']);
    const shipped = parsePolicy(text, { env: {} }).alerting;
    expect(shipped).toMatchObject({ rules: {}, channels: {} });
  });

  const keys = policyKeys().map(({ path: key, ...rest }) => ({ key: key.join('.'), ...rest }));

  test('shows in a comment what a pattern may be', () => {
    expect(document.getIn(['privacy', 'patterns'])).toMatchObject({ items: [] });
    expect(text).toMatch(/^ {2}# {3}card-number: \{way: remove\}$/m);
  });

  test.each(keys)('has $key, with its default and a comment', ({ key, default: fallback, description }) => {
    // The names that stand for those of the user's own, where there is a comment; express and nest say what differs from http.
    const example = exampleOf(document, key);
    const names =
      example ??
      key
        .replace('engines.*', 'engines.local')
        .replace(/^levels\.\*\.events\.\*/, 'events.*')
        .replace(/^levels\.\*\.http/, 'levels.basic.http')
        .replace(/^levels\.\*/, 'levels.comprehensive')
        .replace(/^integrations\.(?:express|nest)\b/, 'integrations.http')
        .split('.');
    if (key.startsWith('retention.') && names.includes('*')) {
      // A map that is shipped empty has an example of each key, in a comment.
      expect(text).toMatch(new RegExp(`^\\s+#\\s+${names.at(-1)}: \\S`, 'm'));
      return;
    }
    expect(document.hasIn(names)).toBe(true);
    const value = document.getIn(names, false);
    const plain =
      value !== null && typeof value === 'object'
        ? (value as unknown as { toJSON(): unknown }).toJSON()
        : value;
    // The name of a log has no default; the file has an example, as it has of rules and channels.
    if (example === undefined)
      expect(plain ?? undefined).toEqual(key === 'log.origin' ? 'shop.example/audit' : fallback);
    expect(description).not.toBe('');
    // A comment of its own, or of the group it begins or belongs to.
    const { range } = document.getIn(names, true) as { range: readonly [number] };
    let at = withExamples.slice(0, range[0]).split('\n').length - 1;
    while (/^\s*[a-zA-Z]+:/.test(lines[at - 1] ?? '')) at--;
    expect(lines[at - 1]).toMatch(/^\s*# /);
  });

  test('watches one engine, that of the environment, and says where it answers as an empty policy does', async () => {
    const shipped = await loadPolicy(path, { env: {} });
    const empty = parsePolicy('');
    expect(shipped.monitoring).toEqual(empty.monitoring);
    expect(shipped.log.directory).toBe(empty.log.directory);
    expect(shipped.docker.engines).toEqual([{ name: 'local' }]);
    expect(empty.docker.engines).toEqual([{ name: undefined }]);
  });

  test('writes out the levels as they are', async () => {
    const { levels } = parse(text) as { levels: Record<string, unknown> };
    expect(levels).toEqual(RECORDING_LEVELS);
  });

  test('opens a log', async () => {
    const { log: options } = await loadPolicy(path);
    const folder = await mkdtemp(join(tmpdir(), 'audit-policy-shipped-'));
    const log = await openAuditLog({ ...options, directory: join(folder, 'log'), onKeyCreated: () => {} });
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
    await rm(folder, { recursive: true });
  });
});

describe('the JSON Schema, as an editor reads it,', () => {
  const schema = z.fromJSONSchema(
    JSON.parse(readFileSync(new URL('../schema.json', import.meta.url), 'utf8')),
  );
  const accepts = (yaml: string) => schema.safeParse(parse(yaml)).success;

  test.each([
    ...['', '{}', 'log:', 'log: {origin: }', 'integrations: {docker: {engines: {a: }}}'],
    ...[`performance: {queueEvents: "\${N}"}`, 'privacy: {keys: [a], patterns: {b: "[0-9]"}}'],
    ...['integrations: {docker: {limits: {pids: 200, memory: 512m for 30s kill, disk: off}}}'],
  ])('accepts %j, as the code does', (yaml) => {
    expect(accepts(yaml === '' ? '{}' : yaml)).toBe(true);
    parsePolicy(yaml, { env: { N: '5' } });
  });

  test.each([
    ...['lgo: {}', 'performance: {quueEvents: 1}', 'performance: {queueEvents: many}', 'rotation: {age: 30}'],
    ...['privacy: {keys: a}', 'privacy: {way: hide}', 'integrations: {docker: {limits: {pids: lots}}}'],
    ...['integrations: {docker: {engines: {a: {hots: b}}}}', 'monitoring: {port: 65536}', '[]'],
  ])('refuses %j, as the code does', (yaml) => {
    expect(accepts(yaml)).toBe(false);
    expect(() => parsePolicy(yaml)).toThrow();
  });

  test('accepts what is shipped', () => {
    expect(accepts(text)).toBe(true);
  });
});

test('the JSON Schema for editors is that of the code (renew it with `vitest run -u`)', async () => {
  await expect(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../schema.json');
});
