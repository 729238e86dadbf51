// A policy from a file: read whole, as UTF-8, or refused in a sentence.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPolicy, type PolicyError } from '@audit/policy';
import { afterAll, describe, expect, test } from 'vitest';

function refusal(file: string): Promise<PolicyError> {
  return loadPolicy(file).then(
    () => expect.unreachable(),
    (error: PolicyError) => error,
  );
}

describe('loadPolicy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-policy-load-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function write(content: string | Uint8Array): string {
    const file = join(folder, 'audit.yaml');
    writeFileSync(file, content);
    return file;
  }

  test('gives the options, and the file they are from', async () => {
    const file = write('log: {origin: shop.example/audit}\n');
    expect(await loadPolicy(file)).toMatchObject({ file, log: { origin: 'shop.example/audit' } });
  });

  test('takes the environment of the process unless another is given', async () => {
    const file = write(`storage: {directory: "\${HOME}/log"}\n`);
    expect((await loadPolicy(file)).log.directory).toBe(`${process.env.HOME}/log`);
    expect((await loadPolicy(file, { env: { HOME: '/h' } })).log.directory).toBe('/h/log');
  });

  test('tells every problem with the name of the file', async () => {
    const file = write('lgo: {}\nmonitring: {}\n');
    const error = await refusal(file);
    expect(error.code).toBe('POLICY_INVALID');
    expect(error.message).toBe(
      `${file}:1:1: lgo is no key; did you mean log?\n${file}:2:1: monitring is no key; did you mean monitoring?`,
    );
    expect(error.problems).toEqual([
      { file, line: 1, column: 1, key: 'lgo', message: 'is no key; did you mean log?' },
      { file, line: 2, column: 1, key: 'monitring', message: 'is no key; did you mean monitoring?' },
    ]);
  });

  test.each([
    ['that is not there', () => join(folder, 'none.yaml'), 'cannot be read: there is no such file.'],
    ['that is a directory', () => folder, 'cannot be read: it is a directory.'],
    ['that is not UTF-8', () => write(Uint8Array.of(0x6c, 0xff, 0x3a)), 'is not UTF-8: save it as that.'],
  ])('refuses a file %s', async (_what, file, reason) => {
    const error = await refusal(file());
    expect(error).toMatchObject({ code: 'POLICY_UNREADABLE', problems: [] });
    expect(error.message).toContain(reason);
  });
});
