import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { verifyDirectory } from '@audit/core';
import { expect, it, onTestFinished } from 'vitest';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const programs = async () => {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(([, text = '']) => text);
};

/** Runs a program from the built package in an empty folder; what it leaves must be intact. */
async function run(program: string): Promise<{ stdout: string; types: readonly string[] }> {
  const cwd = await mkdtemp(join(tmpdir(), 'audit-readme-'));
  // Inside the package, so that its name resolves.
  const file = join(PACKAGE, 'dist', `readme-${process.pid}-${performance.now()}.mjs`);
  onTestFinished(async () => {
    await rm(file, { force: true });
    await rm(cwd, { recursive: true });
  });
  await writeFile(file, program);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd });
  expect((await verifyDirectory(join(cwd, 'audit-log'))).verdict).toBe('intact');
  const lines = await readFile(join(cwd, 'audit-log/entries/0000000000000000.jsonl'), 'utf8');
  return {
    stdout,
    types: lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type),
  };
}

/** Around a part of the README: a log, and what the part takes for granted. */
const within = (imports: string, given: string, part: string) => `
  import { openAuditLog } from '@audit/core';
  import { ${imports} } from '@audit/agent';
  import { writeFile } from 'node:fs/promises';
  const log = await openAuditLog({ directory: 'audit-log', origin: 'agent.example/audit' });
  ${given}
  ${part}
  await log.close();`;

it('the program at the top runs as it stands there', async () => {
  const [program = ''] = await programs();
  const { stdout, types } = await run(program);
  expect(stdout.trim().split('\n').at(-1)).toBe('42 null');
  expect(types.slice(1, -1)).toEqual(['agent.create', 'code.execution', 'code.execution', 'agent.stop']);
});

it('the part about scanners runs, with a scanner that says what Semgrep would', async () => {
  const part = (await programs()).find((text) => text.includes('auditAssessment(')) ?? '';
  const report = { version: '1.99.0', results: [], errors: [], paths: { scanned: ['src'] } };
  const given = `
    await writeFile('semgrep', ${JSON.stringify(`#!/bin/sh\necho '${JSON.stringify(report)}'\n`)}, { mode: 0o755 });
    process.env.PATH = process.cwd() + ':' + process.env.PATH;`;
  expect((await run(within('auditAssessment', given, part))).types).toContain('security.assessment');
});

it('the part about models runs, with a client of this shape', async () => {
  const part = (await programs()).find((text) => text.includes('auditModelCall(')) ?? '';
  const given = `const create = async () => ({ choices: [{ message: { content: '42' } }] });
    const client = { chat: { completions: { create } } };`;
  const { types, stdout } = await run(
    within('auditModelCall', given, `${part}\nconsole.log(answer.choices.length);`),
  );
  expect(types).toContain('model.inference');
  expect(stdout.trim().endsWith('1')).toBe(true);
});

it('the part about files runs', async () => {
  const part = (await programs()).find((text) => text.includes('auditFile(')) ?? '';
  expect((await run(within('auditFile', '', part))).types).toContain('file.access');
});

it('no program of the README is left out here', async () => {
  expect(await programs()).toHaveLength(4);
});
