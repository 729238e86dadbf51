// `audit config check`, `explain` and `diff`: what a policy says. The policies are read; no log is opened.
import {
  comparePolicies,
  explainPolicy,
  formatProblem,
  type KeyExplanation,
  loadPolicy,
  type Policy,
  type PolicyChange,
  PolicyError,
} from '@audit/policy';
import type { Command } from 'commander';
import { CommandError, EXIT_INTACT, EXIT_TAMPERED } from '../exit.ts';
import { jsonText } from '../render/json.ts';
import { renderChanges, renderExplanations } from '../render/policy.ts';
import { counted } from '../render/quantity.ts';
import { visible, visibleLines } from '../render/visible.ts';
import type { Run } from '../run.ts';
import type { Terminal } from '../terminal.ts';

interface JsonOption {
  readonly json?: true;
}

export function addConfig(program: Command, run: Run): void {
  const config = program.command('config').description('check, explain and compare policies (audit.yaml)');
  config
    .command('check')
    .description('tell every problem of a policy and of what it extends; status 1 where there is one')
    .argument('<file>', 'the policy')
    .option('--json', 'print one JSON object')
    .action(run(check));
  config
    .command('explain')
    .description('say what a key means, its default, and which value holds and where it is from')
    .argument('[key]', 'a key, or what begins some: performance, events.data.read.sample; default: all')
    .option('--policy <file>', 'the policy whose values hold; default: none, so the defaults do')
    .option('--json', 'print one JSON object')
    .action(run(explain));
  config
    .command('diff')
    .description('show what differs in effect between two policies; status 1 where the second is weaker')
    .argument('<before>', 'a policy')
    .argument('<after>', 'another')
    .option('--json', 'print one JSON object')
    .action(run(diff));
}

async function check({ out, err }: Terminal, file: string, { json }: JsonOption): Promise<number> {
  let problems: PolicyError['problems'] = [];
  try {
    await loadPolicy(file);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (error.code !== 'POLICY_INVALID') throw new CommandError(error.message, { cause: error });
    problems = error.problems;
  }
  if (json) {
    out.write(jsonText({ file, valid: problems.length === 0, problems }));
  } else {
    for (const problem of problems) out.write(`${visible(formatProblem(problem))}\n`);
    if (problems.length === 0) out.write(`${visible(file)} is a policy, without a problem.\n`);
    else err.write(`${counted(problems.length, 'problem')}; nothing of such a policy is applied.\n`);
  }
  return problems.length === 0 ? EXIT_INTACT : EXIT_TAMPERED;
}

async function explain(
  { out }: Terminal,
  key: string | undefined,
  { policy: file, json }: JsonOption & { readonly policy?: string },
): Promise<number> {
  const policy = file === undefined ? undefined : await readPolicy(file);
  let explained: readonly KeyExplanation[];
  try {
    explained = explainPolicy(policy, key);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(`${error.message}.`.replace(/\?\.$/, '?'), { cause: error });
  }
  out.write(
    json
      ? jsonText({ policy: file ?? null, keys: explained })
      : renderExplanations(explained, { long: key !== undefined }, out),
  );
  return EXIT_INTACT;
}

async function diff({ out }: Terminal, before: string, after: string, { json }: JsonOption): Promise<number> {
  const changes: readonly PolicyChange[] = comparePolicies(await readPolicy(before), await readPolicy(after));
  const weaker = changes.some(({ weakening }) => weakening);
  out.write(json ? jsonText({ before, after, weaker, changes }) : renderChanges(changes, out));
  return weaker ? EXIT_TAMPERED : EXIT_INTACT;
}

/** @throws CommandError with every problem: what is no policy cannot be explained or compared */
async function readPolicy(file: string): Promise<Policy> {
  try {
    return await loadPolicy(file);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const message =
      error.code === 'POLICY_INVALID' ? `the policy ${file} has problems:\n${error.message}` : error.message;
    throw new CommandError(visibleLines(message), { cause: error });
  }
}
