// @audit/nest as its users get it: packed, installed beside each NestJS it is for, compiled by tsc, and run.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
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
    const nest = ['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}`);
    await installPacked(
      project,
      ['core', 'http', 'nest'],
      [
        ...[...nest, 'reflect-metadata', 'rxjs'].map((name) => installedVersion(name, from)),
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

  test('CommonJS requires it, and gets the module that import gives', async () => {
    const said = await mustRun(process.execPath, ['required.cjs'], { cwd: project });
    expect(Number(said)).toBeGreaterThan(5);
  });
});
