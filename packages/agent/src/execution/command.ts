// The command as it is started: itself, or by a shell that sets the limits the kernel holds to and then becomes it.
import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path';
import { AuditAgentError } from '../errors.ts';
import type { Limits } from './options.ts';

export interface Started {
  readonly file: string;
  readonly args: readonly string[];
}

/** Where `sh` is on every POSIX system there is. */
const SHELL = '/bin/sh';

/**
 * The soft limit of processor time is a second below the hard one: SIGXCPU tells what happened, and SIGKILL comes for those
 * who do not listen (setrlimit(2)). Where a limit cannot be set, nothing runs.
 */
const SCRIPT = [
  'if [ "$1" != 0 ]; then ulimit -S -t "$1" && ulimit -H -t "$(($1 + 1))" || exit 126; fi',
  'if [ "$2" != 0 ]; then ulimit -v "$2" || exit 126; fi',
  'shift 2',
  'exec "$@"',
].join('\n');

/** @throws AuditAgentError `NOT_STARTED` where the shell would not find the command */
export function limitedCommand(
  command: string,
  args: readonly string[],
  { cpu, addressSpace }: Limits,
  { path, cwd }: { readonly path: string; readonly cwd: string | undefined },
): Started {
  if (cpu === 0 && addressSpace === 0) return { file: command, args };
  const file = findCommand(command, path, cwd);
  // Seconds, and KiB.
  const [seconds, kibibytes] = [Math.ceil(cpu / 1_000), Math.ceil(addressSpace / 1_024)];
  return {
    file: SHELL,
    args: ['-c', SCRIPT, basename(command), String(seconds), String(kibibytes), file, ...args],
  };
}

/** As execvp(3) looks for it, so that a command that is not there is an error and not what a shell says of it. */
function findCommand(command: string, path: string, cwd = '.'): string {
  const candidates =
    command.includes('/') || isAbsolute(command)
      ? [resolve(cwd, command)]
      : path.split(delimiter).map((folder) => join(folder === '' ? '.' : folder, command));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new AuditAgentError(
    'NOT_STARTED',
    `${command} is no command that can be run: not in ${path || 'an empty PATH'}`,
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
