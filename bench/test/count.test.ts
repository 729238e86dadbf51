import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServerProcess } from '../dist/http/processes.js';
import { checkRecords } from '../src/http/count.ts';
import { load } from '../src/http/load.ts';
import { LOG_DIRECTORY } from '../src/http/recording.ts';
import { FRAMEWORKS, type Framework, VARIANTS, type Variant } from '../src/http/variants.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'audit-bench-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Serves for a moment and resolves with how many requests were answered. A process each: nestjs-pino keeps its first logger. */
async function serve(framework: Framework, variant: Variant): Promise<number> {
  const server = await ServerProcess.start({ framework, variant, directory });
  const { requests } = await load({ port: server.port, connections: 4, seconds: 0.1 });
  await server.stop();
  return requests;
}

describe.each(FRAMEWORKS)('%s', (framework) => {
  test.each(VARIANTS)('recorded by %s has a record of every request, and no other', async (variant) => {
    const answered = await serve(framework, variant);
    expect(answered).toBeGreaterThan(0);
    await checkRecords(variant, directory, answered);
    if (variant === 'none') return;
    await expect(checkRecords(variant, directory, answered + 1)).rejects.toThrow('no figure');
    await expect(checkRecords(variant, directory, answered - 1)).rejects.toThrow('no figure');
  });
});

test('a log in which a byte was changed is no figure', async () => {
  const answered = await serve('express', 'emit');
  const entries = join(directory, LOG_DIRECTORY, 'entries');
  const segment = join(entries, readdirSync(entries)[0]!);
  writeFileSync(segment, readFileSync(segment, 'utf8').replace('/users/u0"', '/users/u9"'));
  await expect(checkRecords('emit', directory, answered)).rejects.toThrow('tampered');
});

test('one entry a request is no record of a strict run', async () => {
  const answered = await serve('express', 'emit');
  const counted = `${answered} requests were answered and 0, 0, 0 recorded`;
  await expect(checkRecords('strict', directory, answered)).rejects.toThrow(counted);
});

test('three entries a request are no record of a run that makes one', async () => {
  const answered = await serve('express', 'strict');
  const counted = `${answered} requests were answered and ${3 * answered} recorded`;
  await expect(checkRecords('emit', directory, answered)).rejects.toThrow(counted);
});
