// `npm run bench`: runs the benchmarks that are there and prints one table, or JSON.
import { LoadProcess, PINNED } from './http/processes.ts';
import { compare } from './http/rounds.ts';
import { machine, versions } from './machine.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { formatReport, type Report, type Result } from './report.ts';
import type { Ratio } from './statistics.ts';

const PACKAGES = [
  ...['express', '@nestjs/core', '@nestjs/platform-express', '@nestjs/platform-fastify'],
  ...['pino', 'pino-http', 'nestjs-pino'],
];

async function run(options: BenchOptions): Promise<Report> {
  const { frameworks, json: _, ...plan } = options;
  const progress = (line: string) => process.stderr.write(`${line}\n`);
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
  const { rounds, seconds, warmup, connections } = plan;
  return {
    machine: machine(options.directory),
    versions: versions(PACKAGES),
    settings: { rounds, seconds, warmup, connections, 'one core each': PINNED },
    results,
    ratios,
  };
}

let options: BenchOptions;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${USAGE}\n`);
  process.exit(2);
}
const report = await run(options);
process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : formatReport(report)}\n`);
