// What is shipped: config/audit.yaml with every key and its default, and the JSON Schema editors read.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openAuditLog } from '@audit/core';
import { loadPolicy, parsePolicy } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { policyKeys } from '../src/keys.ts';
import { policyJsonSchema } from '../src/schema.ts';

const path = fileURLToPath(new URL('../../../config/audit.yaml', import.meta.url));
const text = readFileSync(path, 'utf8');

describe('config/audit.yaml', () => {
  const document = parseDocument(text);

  test.each(policyKeys().map(({ path: key, ...rest }) => ({ key: key.join('.'), ...rest })))(
    'has $key, with its default and a comment',
    ({ key, default: fallback, description }) => {
      const names = key.replace('engines.*', 'engines.local').split('.');
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
      let at = lines.findIndex((line) => new RegExp(`^\\s+${names.at(-1)}:`).test(line));
      while (/^\s+[a-zA-Z]+:/.test(lines[at - 1] ?? '')) at--;
      expect(lines[at - 1]).toMatch(/^\s+# /);
    },
  );

  test('says what an empty policy does', async () => {
    const shipped = await loadPolicy(path, { env: {} });
    const empty = parsePolicy('log: {origin: shop.example/audit}');
    expect(shipped.monitoring).toEqual(empty.monitoring);
    expect(shipped.docker.engines).toEqual([{ name: 'local' }]);
    expect(shipped.log).toMatchObject(
      empty.log.directory === undefined ? {} : { directory: empty.log.directory },
    );
  });

  test('opens a log', async () => {
    const { log: options } = await loadPolicy(path);
    const { mkdtemp, rm } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const { join } = await import('node:path');
    const folder = await mkdtemp(join(tmpdir(), 'audit-policy-shipped-'));
    const log = await openAuditLog({ ...options, directory: join(folder, 'log'), onKeyCreated: () => {} });
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
    await rm(folder, { recursive: true });
  });
});

test('the JSON Schema for editors is that of the code (renew it with `vitest run -u`)', async () => {
  await expect(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../schema.json');
});
