// Child processes: one that shares this terminal, one whose output is shown only if it fails.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './workspace.mjs';

const onWindows = process.platform === 'win32';
/** After this long, a quiet step says what it is doing. */
const QUIET_FOR_MS = 1500;

/** Runs a command with this process's own input and output. Resolves with its exit status. */
export function run(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', shell: onWindows, ...options });
  return exitOf(child);
}

/**
 * Runs a command and keeps its output back; shows it on stderr only if the command fails, and `label` once it
 * takes long. Standard output stays clean for whatever the task itself prints. Resolves with the exit status.
 */
export async function runQuietly(label, command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: onWindows,
    ...options,
  });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const timer = setTimeout(() => process.stderr.write(`${label} …\n`), QUIET_FOR_MS);
  const status = await exitOf(child);
  clearTimeout(timer);
  if (status !== 0) process.stderr.write(`${Buffer.concat(output)}${label}: failed.\n`);
  return status;
}

/** Standard output of a command, or null where it fails. */
export async function outputOf(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'], shell: onWindows });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  return (await exitOf(child)) === 0 ? Buffer.concat(output).toString() : null;
}

/** Exit status as a shell tells it. Signals go on to the child, whose end decides. */
function exitOf(child) {
  // A terminal sends Ctrl-C to the whole group, so the child has it already; a plain kill reaches only us.
  const onInterrupt = () => {};
  const onTerminate = () => child.kill('SIGTERM');
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${child.spawnfile}: ${error.message}\n`);
      resolve(127);
    });
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  }).finally(() => {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
  });
}
