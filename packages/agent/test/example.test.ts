import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Entry, parseEntry, verifyDirectory } from '@audit/core';
import { expect, it } from 'vitest';

const EXAMPLE = fileURLToPath(new URL('../examples/sandboxed-agent.mjs', import.meta.url));

it('the example of an agent runs what may run, ends what will not, and leaves a log that tells all of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'audit-example-'));
  const directory = join(folder, 'log');
  const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE, directory]);
  expect(stdout).toMatch(
    /Sum the primes below 100\.\n.*\n.*found nothing: allow\n.*exit code 0; it printed: 1060\n/,
  );
  expect(stdout).toMatch(
    /Which keys do you run with\?\n.*\n.*reads-environment \(high\) in line 1: block\n\n/,
  );
  expect(stdout).toMatch(/Count as far as you can\.\n.*\n.*: allow\n.*ended, for it used up its cpu\n/);
  expect(stdout).toContain('The log is intact, 15 entries:');

  expect(await verifyDirectory(directory)).toMatchObject({ verdict: 'intact', size: 16 });
  const text = await readFile(join(directory, 'entries/0000000000000000.jsonl'), 'utf8');
  const entries: readonly Entry[] = text.trim().split('\n').map(parseEntry);
  const of = (type: string) => entries.filter((entry) => entry.type === type);
  expect(of('model.inference').map(({ outcome }) => outcome)).toEqual(['success', 'success', 'success']);
  expect(of('security.assessment').map(({ data }) => data?.decision)).toEqual(['allow', 'block', 'allow']);
  expect(of('code.execution').map(({ data }) => [data?.phase, data?.exceeded])).toEqual([
    ['started', undefined],
    ['finished', null],
    ['started', undefined],
    ['finished', 'cpu'],
  ]);
  // What was assessed is what was run, and what was blocked was not.
  const assessed = of('security.assessment').map(({ resource }) => resource.id);
  const executed = new Set(of('code.execution').map(({ resource }) => resource.id));
  expect([...executed]).toEqual([assessed[0], assessed[2]]);
  const actors = of('code.execution').map(({ actor }) => [actor?.id, actor?.onBehalfOf]);
  expect(new Set(actors.map(String))).toEqual(new Set(['coder,anna']));
  await rm(folder, { recursive: true });
});
