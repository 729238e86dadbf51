// What is shipped: config/audit.yaml with every key and its default, and the JSON Schema editors read.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAuditLog } from '@audit/core';
import { loadPolicy, parsePolicy } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { z } from 'zod';
import { policyKeys } from '../src/keys.ts';
import { policyJsonSchema } from '../src/schema.ts';

const path = fileURLToPath(new URL('../../../config/audit.yaml', import.meta.url));
const text = readFileSync(path, 'utf8');

describe('config/audit.yaml', () => {
  const document = parseDocument(text);

  test.each(policyKeys().map(({ path: key, ...rest }) => ({ key: key.join('.'), ...rest })))(
    'has $key, with its default and a comment',
    ({ key, default: fallback, description }) => {
      // The names that stand for those of the user's own; express and nest say what differs from http.
      const names = key
        .replace('engines.*', 'engines.local')
        .replace(/^levels\.\*\.events\.\*/, 'events.*')
        .replace(/^levels\.\*/, 'levels.basic')
        .replace(/^integrations\.(?:express|nest)\b/, 'integrations.http')
        .split('.');
      expect(document.hasIn(names)).toBe(true);
      const value = document.getIn(names, false);
      const plain =
        value !== null && typeof value === 'object'
          ? (value as unknown as { toJSON(): unknown }).toJSON()
          : value;
      // The name of a log has no default; the file has an example.
      expect(plain ?? undefined).toEqual(key === 'log.origin' ? 'shop.example/audit' : fallback);
      expect(description).not.toBe('');
      // A comment of its own, or of the group it begins or belongs to.
      const lines = text.split('\n');
      let at = lines.findIndex((line) => new RegExp(`^\\s*${names.at(-1)}:`).test(line));
      while (/^\s*[a-zA-Z]+:/.test(lines[at - 1] ?? '')) at--;
      expect(lines[at - 1]).toMatch(/^\s*# /);
    },
  );

  test('watches one engine, that of the environment, and says where it answers as an empty policy does', async () => {
    const shipped = await loadPolicy(path, { env: {} });
    const empty = parsePolicy('');
    expect(shipped.monitoring).toEqual(empty.monitoring);
    expect(shipped.log.directory).toBe(empty.log.directory);
    expect(shipped.docker.engines).toEqual([{ name: 'local' }]);
    expect(empty.docker.engines).toEqual([{ name: undefined }]);
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
