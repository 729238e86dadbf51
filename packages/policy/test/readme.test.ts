// The README's program runs as it stands there, on its own policy; what it says of problems is what is said.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { policyJsonSchema } from '../src/schema.ts';
import { problemsOf } from './support/problems.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const block = (language: string) => new RegExp(`\`\`\`${language}\n((?:.|\\n)*?)\`\`\``).exec(readme)![1]!;

describe('README.md', () => {
  test('opens with a program and a policy that run together', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'audit-policy-readme-'));
    const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));
    const program = block('js').replace("'@audit/policy'", JSON.stringify(built));
    writeFileSync(join(folder, 'main.mjs'), `${program}\nconsole.log(log.info().size);\n`);
    writeFileSync(join(folder, 'audit.yaml'), block('yaml'));
    // What the package itself finds there; it is not among its own dependencies.
    const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
    symlinkSync(modules, join(folder, 'node_modules'));
    const env = { ...process.env, STATE_DIRECTORY: folder };
    const { stdout } = await promisify(execFile)(process.execPath, ['main.mjs'], { cwd: folder, env });
    // log.create, the event, log.close
    expect(stdout).toBe('3\n');
    rmSync(folder, { recursive: true });
  });

  test('tells problems as they are told', () => {
    const said = readme.split('\n').filter((line) => /^ +audit\.yaml:\d+:\d+: /.test(line));
    const text = 'log: {}\n\nperformance:\n  quueEvents: 1\n  queueBytes: 64M\n';
    expect(said.map((line) => line.trim())).toEqual(problemsOf(text).map((line) => `audit.yaml:${line}`));
  });

  test('names every section there is, and no other', () => {
    const named = [...readme.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, names]) =>
      [...names!.matchAll(/`([\w.]+)`/g)].map(([, name]) => name!.split('.')[0]!),
    );
    const { properties } = policyJsonSchema() as { properties: Record<string, unknown> };
    expect(named.sort()).toEqual(Object.keys(properties).sort());
  });
});
