// `audit prune`: retention as the policy says, now; or what it would do, or the request its approvers sign.
import { openAuditLog } from '@audit/core';
import type { Policy, RetentionResult } from '@audit/policy';
import type { Command } from 'commander';
import { readSmallFile } from '../arguments/file.ts';
import { repeated } from '../arguments/repeated.ts';
import { CommandError, EXIT_INTACT, EXIT_UNCHECKED } from '../exit.ts';
import { jsonText } from '../render/json.ts';
import { renderRetention } from '../render/retention.ts';
import { visible } from '../render/visible.ts';
import type { Run } from '../run.ts';
import type { Terminal } from '../terminal.ts';

interface PruneOptions {
  readonly policy: string;
  readonly dryRun?: true;
  readonly request?: string;
  readonly approve?: string;
  readonly key?: string;
  readonly approval: readonly string[];
  readonly json?: true;
}

export function addPrune(program: Command, run: Run): void {
  program
    .command('prune')
    .description('archive and prune a log as its policy says')
    .argument('<dir>', 'directory of the log')
    .requiredOption('--policy <file>', 'the policy: its retention, archive and rotation')
    .option('--dry-run', 'say what would go, and change nothing')
    .option('--request <file>', 'write what approvers are to sign to a new file')
    .option('--approve <file>', 'sign such a file, with --key')
    .option('--key <file>', 'private key (PEM) of an approver')
    .option('--approval <file>', 'a signed request (repeatable)', repeated, [])
    .option('--json', 'print the result as one JSON object')
    .action(run(prune));
}

async function prune(terminal: Terminal, directory: string, options: PruneOptions): Promise<number> {
  const modes = [options.dryRun, options.request, options.approve, options.approval[0]];
  if (modes.filter((mode) => mode !== undefined).length > 1) {
    throw new CommandError('--dry-run, --request, --approve and --approval are one or the other.');
  }
  if ((options.approve === undefined) !== (options.key === undefined)) {
    throw new CommandError('--approve and --key go together: the request, and who signs it.');
  }
  // Loaded here, so that no other command waits for it.
  const { loadPolicy, PolicyError } = await import('@audit/policy');
  const policy = await loadPolicy(options.policy).catch((error) => {
    throw error instanceof PolicyError ? new CommandError(error.message, { cause: error }) : error;
  });
  if (options.approve !== undefined)
    return approve(terminal, directory, policy, options.approve, options.key!);
  if (options.request !== undefined) return request(terminal, directory, policy, options.request);
  const result = options.dryRun
    ? await lookAt(directory, policy)
    : await carryOut(directory, policy, options.approval);
  const { segments, ...rest } = result;
  const archiveError = result.archiveError?.message ?? null;
  terminal.out.write(options.json ? jsonText({ ...rest, archiveError, segments }) : renderRetention(result));
  if (result.request !== null && !options.dryRun) {
    const again = `audit prune ${visible(directory)} --policy ${visible(options.policy)} --request FILE`;
    terminal.err.write(`The policy asks for approvals: ${again}\n`);
  }
  const failed = result.archiveError !== null || (result.request !== null && !options.dryRun);
  return failed ? EXIT_UNCHECKED : EXIT_INTACT;
}

/** Beside a running service: nothing is opened for writing. */
async function lookAt(directory: string, { retention }: Policy): Promise<RetentionResult> {
  const { applyRetention } = await import('@audit/policy');
  const { readLog } = await import('../retention/read-log.ts');
  return applyRetention(await readLog(directory), retention, Date.now(), { dryRun: true });
}

async function carryOut(
  directory: string,
  policy: Policy,
  files: readonly string[],
): Promise<RetentionResult> {
  const { applyRetention } = await import('@audit/policy');
  const approvals = await Promise.all(
    files.map(async (file) => (await readSmallFile(file, '--approval: the file')).toString('utf8')),
  );
  // A log that is not there is not made here.
  const { openLogReader } = await import('@audit/core/internal');
  await (await openLogReader(directory)).head();
  await using log = await openAuditLog({ ...policy.log, directory });
  return await applyRetention(log, policy.retention, Date.now(), { approvals });
}

async function request(
  { out, err }: Terminal,
  directory: string,
  policy: Policy,
  file: string,
): Promise<number> {
  const result = await lookAt(directory, policy);
  if (result.request === null) {
    out.write(renderRetention(result));
    throw new CommandError(
      (policy.retention.approvers ?? []).length === 0
        ? '--request: the policy names no approvers, so audit prune needs none.'
        : '--request: nothing goes, so there is nothing to approve.',
    );
  }
  const { writeRequest } = await import('../retention/approvals.ts');
  await writeRequest(file, result.request);
  out.write(renderRetention(result));
  err.write(
    `Wrote the request to ${visible(file)}. Each approver signs it: --approve ${visible(file)} --key KEY\n`,
  );
  return EXIT_INTACT;
}

async function approve(
  { err }: Terminal,
  directory: string,
  { retention }: Policy,
  file: string,
  key: string,
): Promise<number> {
  const { readLog } = await import('../retention/read-log.ts');
  const { signRequest } = await import('../retention/approvals.ts');
  const vkey = await signRequest(file, key, (await readLog(directory)).origin, retention);
  err.write(`Signed ${visible(file)} as ${visible(vkey)}.\n`);
  return EXIT_INTACT;
}
