// The import boundaries: what the check must find is planted in a copy of the tree, and must be found.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ran, root, run, tool } from './support/repository.ts';

/** File to plant → its text → the rules that must refuse it. */
const violations: readonly (readonly [file: string, text: string, rules: readonly string[]])[] = [
  [
    'packages/core/src/event/reads-files.ts',
    "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
    ['portable-files-import-no-node'],
  ],
  [
    'packages/core/src/verify/knows-the-writer.ts',
    "import type { AuditLog } from '../log/types.ts';\nexport type Log = AuditLog;\n",
    ['core-verify-keeps-its-place'],
  ],
  [
    'packages/core/src/verify/index.ts',
    "export { deep } from '../merkle/looks-harmless.ts';\n",
    ['portable-entries-reach-no-node'],
  ],
  [
    'packages/core/src/merkle/looks-harmless.ts',
    "import { nodeHasher } from './node-hasher.ts';\nexport const deep = nodeHasher;\n",
    [],
  ],
  [
    'packages/core/src/imports-an-undeclared-sibling.ts',
    "import * as adapter from '@audit/express';\nexport const all = adapter;\n",
    ['no-unresolved-import'],
  ],
  [
    'packages/cli/src/imports-an-adapter.ts',
    "import * as http from '../../http/src/index.ts';\nexport const all = http;\n",
    ['cli-imports-only-its-row'],
  ],
  [
    'packages/nest/src/imports-what-only-tests-may.ts',
    "import * as transport from '../../winston-transport/src/index.ts';\nexport const all = transport;\n",
    ['nest-imports-only-its-row'],
  ],
  [
    'packages/nest/test/imports-another-adapter.ts',
    "import * as express from '../../express/src/index.ts';\nexport const all = express;\n",
    ['nest-tests-import-only-their-row'],
  ],
  [
    'packages/nest/test/imports-what-tests-may.ts',
    "import * as transport from '../../winston-transport/src/index.ts';\nexport const all = transport;\n",
    [],
  ],
  [
    'packages/express/src/reaches-deep.ts',
    "import { AuditError } from '../../core/src/errors.ts';\nexport const E = AuditError;\n",
    ['no-deep-import-of-core'],
  ],
  [
    'packages/http/src/undeclared.ts',
    "import { test } from 'vitest';\nexport const t = test;\n",
    ['no-undeclared-import'],
  ],
  // A cycle is told once, at the file that closes it.
  ['packages/core/src/event/round.ts', "export { about } from './about.ts';\n", []],
  ['packages/core/src/event/about.ts', "export * as about from './round.ts';\n", ['no-cycles']],
];

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

describe('the import boundaries', () => {
  const copy = mkdtempSync(join(tmpdir(), 'audit-boundaries-'));
  let found: readonly Violation[];

  beforeAll(async () => {
    copyTree(copy);
    for (const [file, text] of violations) writeFileSync(join(copy, file), text);
    const config = ['--config', 'config/boundaries.config.mjs', '--output-type', 'json'];
    const ran = await run(tool('depcruise'), [...config, 'packages', 'apps'], { cwd: copy });
    found = (JSON.parse(ran.stdout) as { summary: { violations: Violation[] } }).summary.violations;
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  test.each(violations)('%s breaks the rules it should', (file, _text, rules) => {
    const names = found
      .filter((violation) => violation.from === file)
      .map((violation) => violation.rule.name);
    expect([...new Set(names)].sort()).toEqual([...rules].sort());
  });
});

describe('the public surface', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-surface-'));
  const index = join(folder, 'index.ts');
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function lint(text: string): Promise<Ran> {
    writeFileSync(index, text);
    return run(tool('biome'), ['lint', '--vcs-enabled=false', '--colors=off', index], { cwd: folder });
  }

  test.each([
    ["export * from './errors.ts';\n", 'noReExportAll'],
    ['const log = 1;\nexport default log;\n', 'noDefaultExport'],
  ])('an index.ts with %j is refused', async (text, rule) => {
    const ran = await lint(text);
    expect(ran.stderr).toContain(rule);
    expect(ran.status).toBe(1);
  });

  test('named exports pass', async () => {
    const ran = await lint("export { AuditError } from './errors.ts';\n");
    expect(ran).toMatchObject({ status: 0 });
  });
});

/** Sources, manifests and the check's own configuration; dependencies are linked, siblings to their copies. */
function copyTree(to: string): void {
  for (const file of ['tsconfig.base.json', 'package.json', 'config']) {
    cpSync(join(root, file), join(to, file), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'));
  for (const folder of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, folder)))
      copyPackage(join(root, folder, name), join(to, folder, name), to);
  }
}

function copyPackage(from: string, to: string, copyRoot: string): void {
  const left = ['node_modules', 'dist', '.turbo', '.reports'];
  cpSync(from, to, { recursive: true, filter: (path) => !left.includes(basename(path)) });
  const modules = join(from, 'node_modules');
  for (const name of readdirSync(modules).filter((entry) => !entry.startsWith('.'))) {
    for (const path of name.startsWith('@')
      ? readdirSync(join(modules, name)).map((n) => `${name}/${n}`)
      : [name]) {
      const real = realpathSync(join(modules, path));
      const target = path.startsWith('@audit/') ? real.replace(root.replace(/\/$/, ''), copyRoot) : real;
      mkdirSync(join(to, 'node_modules', path, '..'), { recursive: true });
      symlinkSync(target, join(to, 'node_modules', path));
    }
  }
}
