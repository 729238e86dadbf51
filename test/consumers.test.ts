// The packages as users get them: packed, installed by npm into an empty project, and used.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { strangersEnv } from './support/environment.ts';
import { pnpm } from './support/pnpm.ts';
import { mustRun, root, run } from './support/repository.ts';

const published = ['core', 'http', 'express', 'winston-transport', 'agent', 'policy', 'cli'];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Exact version of a tool as installed here, so that the consumer gets the same from npm's cache. */
function versionOf(name: string, from: string): string {
  return `${name}@${manifestOf(join(root, from, 'node_modules', name)).version}`;
}

/** Stands in for `app.listen(3000)`: one login on a free port, then what the log has of it. */
const readmeDriver = `
const recorded = new Promise((resolve) => {
  log.on('entry', ({ entry }) => entry.type === 'http.request' && resolve());
});
const server = app.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port + '/login';
  const { status } = await fetch(url, { method: 'POST', headers: { connection: 'close' } });
  await recorded;
  server.close();
  const { verdict } = await log.verify();
  const shop = [];
  for await (const entry of log.entries()) {
    if (!entry.type.startsWith('log.')) shop.push([entry.type, entry.level, entry.resource.id]);
  }
  await log.close();
  console.log(JSON.stringify({ status, verdict, shop }));
});
`;

describe('the packed packages', () => {
  const project = mkdtempSync(join(tmpdir(), 'audit-consumers-'));

  beforeAll(async () => {
    for (const name of published) {
      const folder = join(root, 'packages', name);
      await mustRun(pnpm(), ['pack', '--pack-destination', project], { cwd: folder });
    }
    const tarballs = readdirSync(project).filter((name) => name.endsWith('.tgz'));
    expect(tarballs).toHaveLength(published.length);
    cpSync(join(root, 'test/fixtures/consumers'), project, { recursive: true });
    writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
    const tools = [
      versionOf('express', 'packages/express'),
      versionOf('@types/express', 'packages/express'),
      versionOf('@types/node', '.'),
      versionOf('winston', 'packages/winston-transport'),
      versionOf('typescript', '.'),
    ];
    const packages = [...tarballs.map((name) => `./${name}`), ...tools];
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error'];
    await mustRun('npm', ['install', ...quiet, ...packages], { cwd: project, env: strangersEnv() });
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const installed = (name: string) => join(project, 'node_modules', '@audit', name);

  test('an ES module opens a log, serves a request and verifies; the installed command agrees', async () => {
    const said = JSON.parse(await mustRun(process.execPath, ['main.js'], { cwd: join(project, 'esm') }));
    expect(said.types).toEqual(['log.create', 'data.read', 'http.request']);
    expect(said.verdict).toBe('intact');

    const args = ['verify', said.directory, '--key', said.vkey, '--json'];
    const report = await mustRun(join(project, 'node_modules/.bin/audit'), args, { cwd: project });
    expect(JSON.parse(report)).toMatchObject({ verdict: 'intact', findings: [] });
    rmSync(join(said.directory, '..'), { recursive: true });
  });

  test('a winston logger whose finish is durable, by import and by require()', async () => {
    for (const folder of ['esm', 'commonjs']) {
      const said = JSON.parse(await mustRun(process.execPath, ['logger.js'], { cwd: join(project, folder) }));
      expect(said).toEqual({
        verdict: 'intact',
        entries: [
          ['log.create', 'log'],
          ['data.update', 'o7'],
        ],
      });
    }
  });

  test("the root README's program records what it says it does", async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const program = /^```js\n(.*?)^```/ms.exec(readme)?.[1] ?? '';
    expect(program).toContain('app.listen(3000);');
    const folder = join(project, 'esm', 'readme');
    mkdirSync(folder);
    writeFileSync(join(folder, 'shop.js'), program.replace('app.listen(3000);', readmeDriver));
    const said = await mustRun(process.execPath, ['shop.js'], { cwd: folder });
    expect(JSON.parse(said)).toEqual({
      status: 401,
      verdict: 'intact',
      shop: [
        ['auth.attempt', 'security', 'u42'],
        ['http.request', 'info', '/login'],
      ],
    });
  });

  test('CommonJS requires every entry point, and gets the module that import gives', async () => {
    const names = published.flatMap((name) => {
      const { name: scoped, exports } = manifestOf(installed(name));
      return Object.keys(exports)
        .filter((path) => path !== './package.json')
        .map((path) => scoped + path.slice(1));
    });
    const said = await mustRun(process.execPath, ['main.js', ...names], { cwd: join(project, 'commonjs') });
    expect(said.trim().split('\n')).toHaveLength(names.length);
  });

  test('strict TypeScript takes the declarations, without skipping any', async () => {
    const ran = await run(process.execPath, [join(project, 'node_modules/typescript/bin/tsc')], {
      cwd: join(project, 'types'),
    });
    expect(ran.stdout).toBe('');
    expect(ran.status).toBe(0);
  });

  test.each(published)('@audit/%s brings its license and readme, what it exports, and no test', (name) => {
    const folder = installed(name);
    const { dependencies = {}, exports } = manifestOf(folder);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist', 'src']));
    expect(readdirSync(folder)).not.toContain('test');
    for (const range of Object.values(dependencies)) expect(range).not.toMatch(/^(workspace|catalog):/);
    for (const entry of Object.values(exports)) {
      if (typeof entry === 'string') continue;
      // The first condition that holds wins: types before default, and default, so that require() finds it.
      expect(Object.keys(entry)).toEqual(['@audit/source', 'types', 'default']);
      for (const file of Object.values(entry)) expect(existsSync(join(folder, file)), file).toBe(true);
    }
  });
});
