import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { USAGE } from '../src/options.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('--help prints the usage, measures nothing, and ends well', () => {
  expect(run('--help')).toEqual({ status: 0, stdout: `${USAGE}\n`, stderr: '' });
});

test('an unknown option ends with status 2, a sentence and the usage', () => {
  const { status, stdout, stderr } = run('--speed');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain("Unknown option '--speed'");
  expect(stderr).toContain(USAGE);
});

test('a strict run has a ratio of its own over the faster pino, and a figure for each variant', {
  timeout: 120_000,
}, () => {
  const variants = ['pino-sync', 'pino-async', 'emit', 'strict'];
  const { status, stdout, stderr } = run(
    ...[
      '--part',
      'http',
      '--framework',
      'express',
      '--rounds',
      '1',
      '--seconds',
      '0.5',
      '--warmup',
      '0.1',
      '--json',
    ],
    ...variants.flatMap((variant) => ['--variant', variant]),
  );
  expect(status, stderr).toBe(0);
  const { results, ratios } = JSON.parse(stdout) as {
    results: { name: string; median: number }[];
    ratios: Record<string, { ratio: number }>;
  };
  const rates = new Map(results.map(({ name, median }) => [name, median]));
  const [pino] = ['pino-sync', 'pino-async'].sort(
    (a, b) => rates.get(`express ${b}`)! - rates.get(`express ${a}`)!,
  );
  expect(Object.keys(ratios)).toEqual([`express emit / ${pino}`, `express strict / ${pino}`]);
  expect(ratios[`express strict / ${pino}`]!.ratio).toBeCloseTo(
    rates.get('express strict')! / rates.get(`express ${pino}`)!,
  );
});
