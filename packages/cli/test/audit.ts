// The built `audit` as a child process, as a user runs it.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../dist/bin.js', import.meta.url));

/** Whether util-linux's `script` is here, which runs a program on a pseudo-terminal. */
export const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** This environment without whatever would force or forbid colour. */
export function plainEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { FORCE_COLOR, NO_COLOR, CI, AUDIT_KEY_FILE, ...rest } = process.env;
  return { ...rest, ...extra };
}

export function start(args: readonly string[], options: RunOptions = {}): ChildProcessWithoutNullStreams {
  const { env, cwd } = options;
  return spawn(process.execPath, [BIN, ...args], { env: plainEnvironment(env), cwd });
}

export async function audit(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const child = start(args, options);
  // A child that does not read its input must not fail the test that offered it some.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  return finished(child);
}

export function finished(child: ChildProcessWithoutNullStreams): Promise<Result> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject).on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
