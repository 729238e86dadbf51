// @audit/nest as its users get it: packed, installed beside each NestJS it is for, compiled by tsc, and run.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installedVersion, installPacked } from './support/packed.ts';
import { mustRun, root, run } from './support/repository.ts';

/** npm and tsc take their time, on a busy machine all the more. */
const PATIENCE = 600_000;

describe.each([
  ['NestJS 12', 'packages/nest'],
  ['NestJS 11', 'packages/nest/test/nest-11'],
])('packed and installed beside %s', (_name, from) => {
  const project = mkdtempSync(join(tmpdir(), 'audit-consumers-nest-'));

  beforeAll(async () => {
    cpSync(join(root, 'test/fixtures/consumers-nest'), project, { recursive: true });
    const nest = ['common', 'config', 'core', 'graphql', 'platform-express'].map((name) => `@nestjs/${name}`);
    await installPacked(
      project,
      ['core', 'http', 'nest'],
      [
        ...[...nest, 'graphql', 'reflect-metadata', 'rxjs'].map((name) => installedVersion(name, from)),
        installedVersion('@types/express', 'packages/express'),
        installedVersion('@types/node', '.'),
        installedVersion('typescript', '.'),
      ],
    );
  }, PATIENCE);
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  test(
    'strict TypeScript takes its declarations, and the application records in both its logs',
    async () => {
      const compiled = await run(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: project });
      expect(compiled.stdout).toBe('');
      expect(compiled.status).toBe(0);

      const said = JSON.parse(await mustRun(process.execPath, ['dist/main.js'], { cwd: project }));
      expect(said.body).toEqual({ refund: 12, by: 'u42' });
      // log.create, note, data.update, http.request, log.close; and log.create, refund, log.close.
      expect(said.logs).toEqual([
        { verdict: 'intact', size: 5 },
        { verdict: 'intact', size: 3 },
      ]);
      rmSync(said.folder, { recursive: true });
    },
    PATIENCE,
  );

  test(
    'the snippets of the README compile as they stand',
    async () => {
      const snippets = readmeSnippets();
      expect(snippets.length).toBeGreaterThan(4);
      const preamble = readFileSync(join(project, 'readme/preamble.txt'), 'utf8');
      for (const [n, snippet] of snippets.entries()) {
        writeFileSync(join(project, `readme/snippet-${n}.ts`), preamble + snippet);
      }
      const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.readme.json'];
      const compiled = await run(process.execPath, tsc, { cwd: project });
      expect(compiled.stdout).toBe('');
      expect(compiled.status).toBe(0);
    },
    PATIENCE,
  );

  test('CommonJS requires it, and gets the module that import gives', async () => {
    const said = await mustRun(process.execPath, ['required.cjs'], { cwd: project });
    expect(Number(said)).toBeGreaterThan(5);
  });
});

/** The TypeScript of the README; its program is run by a test of the package. */
function readmeSnippets(): string[] {
  const readme = readFileSync(join(root, 'packages/nest/README.md'), 'utf8');
  return [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1] ?? '');
}
