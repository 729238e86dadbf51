// The `audit` program: its commands, how their errors become exit statuses, and what `--json` says of them.
import { createRequire } from 'node:module';
import { AuditError } from '@audit/core';
import { Command, CommanderError } from 'commander';
import { systemReason } from './arguments/file.ts';
import { KeyArgumentError } from './arguments/keys.ts';
import { addArchive } from './commands/archive.ts';
import { addConfig } from './commands/config.ts';
import { addDoctor } from './commands/doctor.ts';
import { addInfo } from './commands/info.ts';
import { addKey } from './commands/key.ts';
import { addPrivacy } from './commands/privacy.ts';
import { addProve } from './commands/prove.ts';
import { addPrune } from './commands/prune.ts';
import { addShow } from './commands/show.ts';
import { addTail } from './commands/tail.ts';
import { addVerify } from './commands/verify.ts';
import { addVerifyProof } from './commands/verify-proof.ts';
import { CommandError, EXIT_INTACT, EXIT_UNCHECKED } from './exit.ts';
import { jsonText } from './render/json.ts';
import { uncheckedReport } from './render/unchecked.ts';
import { visibleLines } from './render/visible.ts';
import type { Run } from './run.ts';
import { processTerminal, type Terminal } from './terminal.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const EXAMPLES = `
Examples:
  $ audit verify audit-log --key log.vkey
  $ audit tail audit-log -f
  $ audit prove audit-log 41 --out 41.tlog-proof

Exit status: 0 intact, 1 tampered, 2 could not be checked.`;

/** Runs one command line on the process's own stdout and stderr; resolves with the exit status, never rejects. */
export async function runAudit(argv: readonly string[]): Promise<number> {
  const terminal = processTerminal(!argv.includes('--no-color'));
  let status = EXIT_UNCHECKED;
  const run: Run =
    (action) =>
    async (...values) => {
      status = await action(terminal, ...values);
    };
  try {
    await auditProgram(run, terminal, wantsJson(argv)).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    // Help and version end in an error too, one that says 0.
    if (error instanceof CommanderError && error.exitCode === EXIT_INTACT) return EXIT_INTACT;
    status = EXIT_UNCHECKED;
    tell(error, argv, terminal);
  }
  return status;
}

function auditProgram(run: Run, terminal: Terminal, json: boolean): Command {
  const program = new Command('audit')
    .description('Checks, reads and proves audit logs. Only `prune` writes to a log.')
    .version(version)
    .option('--no-color', 'never use colour (also: NO_COLOR; FORCE_COLOR forces it)')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      // With --json the one object on stdout says it; what the user typed is no safer than an entry.
      writeErr: (text) => json || terminal.err.write(visibleLines(text)),
    });
  for (const add of [
    addVerify,
    addInfo,
    addTail,
    addShow,
    addProve,
    addVerifyProof,
    addKey,
    addPrivacy,
    addDoctor,
    addArchive,
    addPrune,
    addConfig,
  ]) {
    add(program, run);
  }
  return program;
}

function tell(error: unknown, argv: readonly string[], terminal: Terminal): void {
  const message = messageOf(error);
  if (wantsJson(argv)) {
    const isVerify = argv.find((argument) => !argument.startsWith('-')) === 'verify';
    const code = error instanceof KeyArgumentError ? 'key-unknown' : 'checkpoint-missing';
    terminal.out.write(jsonText(isVerify ? uncheckedReport(code, message) : { error: message }));
  } else if (!(error instanceof CommanderError)) {
    terminal.err.write(`${terminal.err.colors.red('audit:')} ${visibleLines(message)}\n`);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof CommanderError) return error.message.replace(/^error: /, '');
  if (error instanceof CommandError || error instanceof AuditError) return error.message;
  return error instanceof Error && 'syscall' in error
    ? `the system says: ${systemReason(error)}${'path' in error ? ` (${String(error.path)})` : ''}`
    : `this should not happen: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** Also true of a command line that cannot be parsed: whoever asked for JSON gets JSON. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).includes('--json');
}
