// `npm run bench`: runs the benchmarks that are there and prints one table, or JSON.
import { measureEmit } from './emit.ts';
import { LoadProcess, PINNED } from './http/processes.ts';
import { compare, type FrameworkReport } from './http/rounds.ts';
import { machine, versions } from './machine.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { measurePrivacy } from './privacy.ts';
import { formatReport, type Report, type Result } from './report.ts';
import type { Ratio } from './statistics.ts';

const PACKAGES = [
  ...['express', '@nestjs/core', '@nestjs/platform-express', '@nestjs/platform-fastify'],
  ...['pino', 'pino-http', 'nestjs-pino'],
];

const progress = (line: string) => process.stderr.write(`${line}\n`);

async function run(options: BenchOptions): Promise<Report> {
  const { parts, rounds, seconds, warmup, connections, directory } = options;
  const results: Result[] = [];
  const ratios: Record<string, Ratio> = {};
  if (parts.includes('emit')) results.push(...(await measureEmit({ rounds, seconds, directory, progress })));
  if (parts.includes('privacy')) {
    const found = await measurePrivacy({ rounds, directory, progress });
    results.push(...found.results);
    Object.assign(ratios, found.ratios);
  }
  if (parts.includes('http')) {
    const found = await measureHttp(options);
    results.push(...found.results);
    Object.assign(ratios, found.ratios);
  }
  return {
    machine: machine(directory),
    versions: versions(PACKAGES),
    settings: { rounds, seconds, warmup, connections, 'one core each': PINNED },
    results,
    ratios,
  };
}

async function measureHttp({ frameworks, ...plan }: BenchOptions): Promise<FrameworkReport> {
  const results: Result[] = [];
  const ratios: Record<string, Ratio> = {};
  const client = new LoadProcess();
  try {
    for (const framework of frameworks) {
      const found = await compare(framework, client, { ...plan, progress });
      results.push(...found.results);
      Object.assign(ratios, found.ratios);
    }
  } finally {
    await client.end();
  }
  return { results, ratios };
}

let options: BenchOptions;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${USAGE}\n`);
  process.exit(2);
}
if (options.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
const report = await run(options);
process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : formatReport(report)}\n`);
