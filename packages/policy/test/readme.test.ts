// The README's program runs as it stands there, on its own policy; what it says of problems is what is said.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DetailRule } from '@audit/core';
import { type EventRule, parsePolicy, RECORDING_LEVELS } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { policyJsonSchema } from '../src/schema.ts';
import { problemsOf } from './support/problems.ts';
import { readExposition, valueIn } from './support/prometheus.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
/** The blocks of a language, in order. */
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n((?:.|\\n)*?)\`\`\``, 'g'))].map(([, code]) => code!);

/** Runs a program of the README on a policy of it, and then `after`. */
async function run(
  program: string,
  policy: string,
  after: string,
): Promise<{ stdout: string; stderr: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-policy-readme-'));
  const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  const code = program.replace("'@audit/policy'", JSON.stringify(built));
  writeFileSync(join(folder, 'main.mjs'), `${code}\n${after}\n`);
  writeFileSync(join(folder, 'audit.yaml'), policy);
  // What the package itself finds there; it is not among its own dependencies.
  symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(folder, 'node_modules'));
  const env = { ...process.env, STATE_DIRECTORY: folder };
  try {
    return await promisify(execFile)(process.execPath, ['main.mjs'], { cwd: folder, env });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `GET, HEAD with 2xx: none`. */
function ruleText({ method, status, detail }: DetailRule): string {
  const when = [[method].flat().join(', '), [status].flat().join(', ')].filter((text) => text !== '');
  return when.length === 0 ? detail : `${when.join(' with ')}: ${detail}`;
}

function eventRuleText([type, { enabled, detail }]: [string, EventRule]): string {
  return `\`${type}\`: ${[enabled === true ? 'recorded' : '', detail ?? ''].join('')}`;
}

describe('README.md', () => {
  test('opens with a program and a policy that run together', async () => {
    const { stdout } = await run(
      blocks('js')[0]!,
      blocks('yaml')[0]!,
      'console.log(governed.log.info().size);',
    );
    // log.create, the event, log.close
    expect(stdout).toBe('3\n');
  });

  test('has a program and a policy of alerting that tell of five failed logins', async () => {
    const origin = 'log: {origin: shop.example/audit}\n';
    const { stderr } = await run(
      blocks('js')[1]!,
      origin + blocks('yaml').find((policy) => policy.startsWith('alerting:'))!,
      '',
    );
    const alerts = stderr.split('\n').filter((line) => line.startsWith('{'));
    expect(alerts.map((line) => JSON.parse(line))).toMatchObject([{ rule: 'failed-logins', count: 5 }]);
  });

  test('has a program that monitors and maintains, and tells the metrics of its table', async () => {
    const policy = `${blocks('yaml')[0]}monitoring:\n  port: 0\nmaintenance:\n  jitter: 0ms\n`;
    const program = blocks('js')
      .find((text) => text.includes('startMonitoring'))!
      .replace(
        '// … and at the end',
        "await maintenance.runNow('verify');\nconst text = await (await fetch(new URL('metrics', monitoring.url))).text();\n// … and at the end",
      );
    const { stdout } = await run(program, policy, 'process.stdout.write(text);');
    const scraped = readExposition(stdout);
    const named = [...readme.matchAll(/`((?:audit|process)_[a-z_]+)`/g)].map(([, name]) => name!);
    expect(named.sort()).toEqual([...scraped.keys()].sort());
    expect(valueIn(stdout, 'audit_last_verification_ok')).toBe(1);
  });

  test('tells problems as they are told', () => {
    const said = readme.split('\n').filter((line) => /^ +audit\.yaml:\d+:\d+: /.test(line));
    const text = 'log: {}\n\nperformance:\n  quueEvents: 1\n  queueBytes: 64M\n';
    expect(said.map((line) => line.trim())).toEqual(problemsOf(text).map((line) => `audit.yaml:${line}`));
  });

  test('shows the levels as they are', () => {
    const rows = [
      ...readme.matchAll(
        /^\| (HTTP exchanges|least level of events|whatever their level|by type) \|(.*)\|$/gm,
      ),
    ];
    const { comprehensive, basic, minimal } = RECORDING_LEVELS;
    const shown = rows.map(([, , cells]) => cells!.split('|').map((cell) => cell.trim()));
    const levels = [comprehensive, basic, minimal];
    expect(shown).toEqual([
      levels.map(({ http }) => http.map(ruleText).join('; ')),
      levels.map(({ least }) => least),
      levels.map(({ always }) => always.join(', ')),
      levels.map(({ events }) => Object.entries(events).map(eventRuleText).join(', ')),
    ]);
  });

  test('shows rules of events that are some', () => {
    const policy = parsePolicy(blocks('yaml').find((text) => text.startsWith('events:'))!);
    expect(policy.events.events?.['data.read']).toEqual({ sample: 0.1 });
    expect(policy.log.onFailure).toEqual([{ type: 'auth.*', onFailure: 'strict' }]);
  });

  test('names every section there is, and no other', () => {
    const [, table] = /\| section \| it is about \|\n((?:\|.*\n)+)/.exec(readme)!;
    const named = [...table!.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, names]) =>
      [...names!.matchAll(/`([\w.]+)`/g)].map(([, name]) => name!.split('.')[0]!),
    );
    const { properties } = policyJsonSchema() as { properties: Record<string, unknown> };
    expect(named.sort()).toEqual(Object.keys(properties).sort());
  });
});
