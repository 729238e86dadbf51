import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

async function programs(): Promise<string[]> {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```js\n(.*?)^```/gms)].map((match) => match[1]!);
}

/** Runs one program of the README as a user would, from the built package. */
async function run(program: string, name: string): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'audit-readme-'));
  const file = join(PACKAGE, 'dist', `${name}-${process.pid}.mjs`); // inside the package, so that its name resolves
  try {
    await writeFile(file, program);
    return (await promisify(execFile)(process.execPath, [file], { cwd })).stdout;
  } finally {
    await rm(file, { force: true });
    await rm(cwd, { recursive: true });
  }
}

test('the first program of the README records, verifies and says so', async () => {
  expect(await run((await programs())[0]!, 'readme-first')).toBe(
    'entry 1 is on disk, in the chain, in the tree and under a signature\nintact\n',
  );
});

test('the second program of the README records in context, with types of its own', async () => {
  expect(await run((await programs())[1]!, 'readme-second')).toMatch(/^\d+ u42 42\n$/);
});

test('the third program of the README archives, prunes, and is intact', async () => {
  expect(await run((await programs())[2]!, 'readme-third')).toBe('true intact\n');
});

test('the program of the spool ends with nothing waiting in it', async () => {
  expect(await run((await programs())[3]!, 'readme-spool')).toBe('{ events: 0, bytes: 0, reason: null }\n');
});
