import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { left } from './shop.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

test('the program of the README runs from the built package, records what it says, and ends by itself', async () => {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  const program = /^```js\n(.*?)^```/ms.exec(readme)?.[1] ?? '';
  const cwd = await mkdtemp(join(tmpdir(), 'audit-readme-'));
  const file = join(PACKAGE, 'dist', `readme-${process.pid}.mjs`); // inside the package, so that its name resolves
  try {
    await writeFile(file, program);
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd });
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(await left(join(cwd, 'audit-log'))).toMatchObject([
      {
        type: 'data.update',
        level: 'warning',
        operation: 'order cancelled',
        resource: { type: 'order', id: 'o7' },
      },
    ]);
  } finally {
    await rm(file, { force: true });
    await rm(cwd, { recursive: true });
  }
});
