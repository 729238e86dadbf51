import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { verifyDirectory } from '@audit/core';
import { expect, it, onTestFinished } from 'vitest';
import { describeEngine, engineAddress, IMAGE } from '../support/engine.ts';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

describeEngine('the README', () => {
  it('has a program with auditDocker that runs from the built package, and records who asked', async () => {
    const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
    const programs = [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(([, text = '']) => text);
    const program = programs.find((text) => text.includes('auditDocker(')) ?? '';
    // Inside the package, so that its name resolves.
    const file = join(PACKAGE, 'dist', `readme-client-${process.pid}.mjs`);
    const cwd = await mkdtemp(join(tmpdir(), 'audit-readme-'));
    onTestFinished(async () => {
      await rm(file, { force: true });
      await rm(cwd, { recursive: true });
    });
    await writeFile(file, program);
    const env = { ...process.env, DOCKER_HOST: engineAddress ?? '', IMAGE };
    await promisify(execFile)(process.execPath, [file], { cwd, env });

    const report = await verifyDirectory(join(cwd, 'audit-log'));
    expect([report.verdict, report.size]).toEqual(['intact', 5]);
    const lines = await readFile(join(cwd, 'audit-log/entries/0000000000000000.jsonl'), 'utf8');
    const entries = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.slice(1, -1).map(({ type, actor, outcome }) => [type, actor.id, outcome])).toEqual([
      ['container.create', 'anna', 'success'],
      ['container.start', 'anna', 'success'],
      ['container.destroy', 'anna', 'success'],
    ]);
  });
});
