// A watcher that runs as a process of its own: test/fixtures/watcher.mjs, from the built package.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DockerWatchStats } from '../../src/index.ts';

const FIXTURE = fileURLToPath(new URL('../fixtures/watcher.mjs', import.meta.url));

export interface WatcherProcess {
  readonly pid: number;
  stats(): Promise<DockerWatchStats>;
  /** What is in use after a collection. */
  memory(): Promise<NodeJS.MemoryUsage>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM: it hands in what it has, and tells its last counts. */
  stop(): Promise<DockerWatchStats>;
  /** What it has complained of. */
  readonly complaints: readonly string[];
}

/** Resolves when the engine is watched. */
export async function startWatcher(directory: string, socketPath: string): Promise<WatcherProcess> {
  const child = spawn(process.execPath, ['--expose-gc', FIXTURE, directory, socketPath]);
  const complaints: string[] = [];
  child.stdin.on('error', () => {});
  child.stderr.on('data', (chunk) => complaints.push(String(chunk)));
  const lines: string[] = [];
  const waiting: ((line: string | null) => void)[] = [];
  const over = { is: false };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const next = waiting.shift();
    if (next === undefined) lines.push(line);
    else next(line);
  });
  const closed = new Promise<void>((resolve) =>
    child.on('close', () => {
      over.is = true;
      for (const next of waiting.splice(0)) next(null);
      resolve();
    }),
  );
  const line = async () => {
    const said =
      lines.shift() ??
      (over.is ? null : await new Promise<string | null>((resolve) => waiting.push(resolve)));
    if (said === null) throw new Error(`The watcher ended: ${complaints.join('')}`);
    return said;
  };
  await line();
  return {
    pid: child.pid!,
    complaints,
    async stats() {
      child.stdin.write('stats\n');
      return JSON.parse(await line());
    },
    async memory() {
      child.stdin.write('memory\n');
      return JSON.parse(await line());
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    async stop() {
      child.kill('SIGTERM');
      const last = JSON.parse(await line());
      await closed;
      return last;
    },
  };
}
