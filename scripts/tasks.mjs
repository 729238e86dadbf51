// The tasks behind the root npm scripts. Each makes the clone ready first, then does its one thing.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run, runQuietly } from './child.mjs';
import { install } from './install.mjs';
import { clearReports, readReports, tally } from './tally.mjs';
import { root } from './workspace.mjs';

const tasks = {
  ...{ start, test, lint, build, audit, docker, api },
  ...{ flips, bench, outage, quiet, retention },
};

/** Runs one task and leaves its exit status. */
export async function main(name, args) {
  if (!Object.hasOwn(tasks, name ?? '')) {
    console.error(`Unknown task "${name ?? ''}"; there are ${Object.keys(tasks).join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  try {
    process.exitCode = await tasks[name](args, await install());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** `npm start`: the demo. */
async function start(args, env) {
  const built = await turboBuild('@audit/demo', env);
  if (built !== 0) return built;
  return run(process.execPath, [join(root, 'apps/demo/dist/main.js'), ...args]);
}

/** `npm run audit -- …`: the command line from source, in the folder the caller stands in. */
async function audit(args, env) {
  const built = await turboBuild('@audit/cli', env);
  if (built !== 0) return built;
  const cwd = process.env.INIT_CWD ?? process.cwd();
  return run(process.execPath, [join(root, 'packages/cli/dist/bin.js'), ...args], { cwd });
}

/** `npm run docker -- …`: the Docker watcher from source, in the folder the caller stands in, by the shipped policy. */
async function docker(args, env) {
  const built = await turboBuild('@audit/docker-watcher', env);
  if (built !== 0) return built;
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const config = process.env.AUDIT_CONFIG || join(root, 'config/audit.yaml');
  const own = { ...process.env, AUDIT_CONFIG: config };
  return run(process.execPath, [join(root, 'apps/docker-watcher/dist/main.js'), ...args], { cwd, env: own });
}

/** `npm run build`: every package. */
function build(args, env) {
  return turbo(['run', 'build', ...args], env);
}

/** `npm run lint`: format, lint and import boundaries. Arguments go to biome (`-- --write`). */
async function lint(args, env) {
  const checked = await run('biome', ['check', '--error-on-warnings', ...args], { env });
  if (checked !== 0) return checked;
  const boundaries = [
    '--config',
    'config/boundaries.config.mjs',
    '--output-type',
    'err',
    'packages',
    'apps',
    'bench',
  ];
  return run('depcruise', boundaries, { env });
}

/**
 * `npm test`: lint, build, types, tests, and a last line with the sum. The first step that fails ends it, except
 * that every package's tests run. Arguments go to vitest; `--filter=…` and `--force` go to turbo.
 */
async function test(args, env) {
  const forTurbo = args.filter((arg) => /^--(filter=|force$)/.test(arg));
  const forVitest = args.filter((arg) => !forTurbo.includes(arg));

  const linted = await lint([], env);
  if (linted !== 0) return failed('lint', linted);
  const typed = await turbo(['run', 'build', 'types', '--output-logs=errors-only', ...forTurbo], env);
  if (typed !== 0) return failed('build and types', typed);

  clearReports();
  // Part of turbo's key: results of one Node version are not those of another.
  const testEnv = { ...env, AUDIT_TEST_REPORT: '1', AUDIT_TEST_NODE: process.version };
  const vitest = forVitest.length > 0 ? ['--', '--passWithNoTests', ...forVitest] : [];
  const options = ['--continue', '--output-logs=new-only', `--concurrency=${availableParallelism()}`];
  const status = await turbo(['run', 'test', ...options, ...forTurbo, ...vitest], testEnv);
  const { lines, ok } = tally(readReports(forTurbo.some((arg) => arg.startsWith('--filter='))));
  console.log(`\n${lines.join('\n')}`);
  return status === 0 && !ok ? 1 : status;
}

/** `npm run api`: the API reports, written anew; fails where a public type names one that users cannot import. */
async function api(_args, env) {
  const built = await turboBuild('./packages/*', env);
  if (built !== 0) return built;
  // Imported here, since API Extractor is not there before the first install.
  const { publishedFolders, reviewReports } = await import('./api-reports.mjs');
  const problems = reviewReports(publishedFolders(), { write: true });
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

/**
 * `npm run flips`: one bit of every byte of a log flipped in turn, and found (a quarter of an hour). `-- bit` flips
 * every bit (hours). `npm test` flips a sample.
 */
async function flips([every = 'byte'], env) {
  const built = await turboBuild('@audit/core', env);
  if (built !== 0) return built;
  const cwd = join(root, 'packages/core');
  return run('vitest', ['run', 'test/verify/bit-flips.test.ts'], {
    cwd,
    env: { ...env, AUDIT_FLIPS: every },
  });
}

/** `npm run bench -- …`: the benchmarks; what each option does, any wrong one tells. */
async function bench(args, env) {
  const built = await turboBuild('@audit/bench', env);
  if (built !== 0) return built;
  return run(process.execPath, [join(root, 'bench/dist/main.js'), ...args]);
}

/**
 * `npm run outage`: the connection to a Docker engine away for a minute while containers come and go; `-- 300` for
 * five. `npm test` does it for seconds. Needs root, and Debian's docker.io and busybox-static.
 */
async function outage([seconds = '60'], env) {
  const built = await turboBuild('@audit/docker', env);
  if (built !== 0) return built;
  const cwd = join(root, 'packages/docker');
  return run('vitest', ['run', 'test/outage.test.ts'], { cwd, env: { ...env, AUDIT_OUTAGE: seconds } });
}

/**
 * `npm run quiet`: what it costs to watch 100 containers in which nothing happens, a minute each way. Needs root, and
 * Debian's docker.io and busybox-static.
 */
async function quiet([seconds = '60'], env) {
  const built = await turboBuild('@audit/docker', env);
  if (built !== 0) return built;
  const cwd = join(root, 'packages/docker');
  const args = ['run', '--config', 'bench/vitest.config.ts', '--root', '.'];
  return run('vitest', args, { cwd, env: { ...env, SECONDS: seconds } });
}

/**
 * `npm run retention`: a log of a million entries archived and pruned, verified after each step, with its figures;
 * `-- 200000` for as many. `npm test` does it for some thousands.
 */
async function retention([entries = '1000000'], env) {
  const built = await turboBuild('@audit/policy', env);
  if (built !== 0) return built;
  const cwd = join(root, 'packages/policy');
  return run('vitest', ['run', 'test/retention/at-size.test.ts'], {
    cwd,
    env: { ...env, AUDIT_RETENTION_ENTRIES: entries },
  });
}

function failed(step, status) {
  console.error(`npm test stopped at ${step}; no test ran.`);
  return status;
}

/** Builds a package and what it needs; silent where nothing has changed. */
function turboBuild(name, env) {
  return runQuietly('Building', 'turbo', ['run', 'build', `--filter=${name}`], { env });
}

function turbo(args, env) {
  const color = process.stdout.isTTY ? [] : ['--no-color'];
  return run('turbo', [...color, ...args], { env });
}
