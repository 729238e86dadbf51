// What the root npm scripts promise before any package is touched: the sentence for an old Node, and an honest count.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { count, tally } from '../scripts/tally.mjs';
import { packageFolders } from '../scripts/workspace.mjs';
import { root, run } from './support/repository.ts';

const script = join(root, 'scripts', 'run.mjs');

describe('the entry script', () => {
  test('an old Node is told in one sentence what is needed', async () => {
    const preload = join(root, 'test/fixtures/node-18.cjs');
    const ran = await run(process.execPath, ['--require', preload, script, 'start']);
    expect(ran).toEqual({
      status: 1,
      stdout: '',
      stderr: 'audit needs Node 20.19 or newer; this is Node 18.20.8.\n',
    });
  });

  test('the floor it names is the one every package.json declares', () => {
    const floor = /const floor = \[(\d+), (\d+)\]/.exec(readFileSync(script, 'utf8'));
    const manifests = ['.', ...packageFolders()].map((folder) =>
      JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')),
    );
    // The root, everything that is published, and whatever else says so.
    const bound = manifests.filter(({ name, private: own, engines }) => !own || engines || name === 'audit');
    expect(bound.length).toBeGreaterThanOrEqual(5);
    for (const { name, engines } of bound) expect(engines?.node, name).toBe(`>=${floor?.[1]}.${floor?.[2]}`);
  });

  test('a task that is none of its own is refused by name', async () => {
    const ran = await run(process.execPath, [script, 'deploy']);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain(
      'Unknown task "deploy"; there are start, test, lint, build, audit, docker, api, flips, bench, outage, quiet, retention.',
    );
  });
});

describe('the count of tests', () => {
  const file = (status: string, ...states: string[]) => ({
    status,
    assertionResults: states.map((state) => ({ status: state })),
  });

  test('adds up what the files say', () => {
    const report = {
      testResults: [
        file('passed', 'passed', 'passed', 'pending'),
        file('failed', 'passed', 'failed', 'todo'),
      ],
    };
    expect(count(report)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  test('a file that fails before its first test is one failure', () => {
    expect(count({ testResults: [file('failed')] })).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('the last line is the sum, and says where tests were skipped', () => {
    const reports = [
      { name: 'a', passed: 3, failed: 0, skipped: 2 },
      { name: 'b', passed: 4, failed: 0, skipped: 0 },
    ];
    expect(tally(reports)).toEqual({
      ok: true,
      lines: ['Skipped tests: 2 (a 2).', '7 passed, 0 failed, 2 skipped'],
    });
  });

  test('a package that left no report is a failure', () => {
    const reports = [
      { name: 'a', passed: 3, failed: 0, skipped: 0 },
      { name: 'b', passed: 0, failed: 0, skipped: 0, missing: true },
    ];
    const { ok, lines } = tally(reports);
    expect(ok).toBe(false);
    expect(lines).toContain('No report from b: counted as failed.');
    expect(lines.at(-1)).toBe('3 passed, 1 failed, 0 skipped');
  });

  test('no test at all is not a pass', () => {
    expect(tally([{ name: 'a', passed: 0, failed: 0, skipped: 0 }]).ok).toBe(false);
  });
});
