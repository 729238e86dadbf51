// Runs the built demo as a child process, the way `npm start` does.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A new folder; the log goes into `audit-log` in it. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'audit-demo-test-'));
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A demo that runs. */
export class Demo {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';
  #onText = (): void => {};

  constructor(folder: string, ...args: readonly string[]) {
    if (!existsSync(main)) throw new Error('Build first: npm run build');
    const { PORT: _, ...env } = process.env;
    this.#child = spawn(process.execPath, [main, ...args], {
      cwd: folder,
      // Whatever runs on this machine's engine, the tour is the same.
      env: { ...env, DOCKER_HOST: `unix://${join(folder, 'no-engine.sock')}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#onText();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (status) => {
        resolve({ status, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** Resolves once standard output matches. @throws Error if the demo ends before */
  async saw(pattern: RegExp): Promise<RegExpExecArray> {
    const match = new Promise<RegExpExecArray>((resolve) => {
      this.#onText = () => {
        const found = pattern.exec(this.#stdout);
        if (found) resolve(found);
      };
      this.#onText();
    });
    const ended = this.#ended.then(({ status, stdout, stderr }) => {
      throw new Error(`ended with ${status} before ${pattern}:\n${stdout}${stderr}`);
    });
    return Promise.race([match, ended]);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  get ended(): Promise<Ended> {
    return this.#ended;
  }
}

/** Runs a demo to its end. */
export function runDemo(folder: string, ...args: readonly string[]): Promise<Ended> {
  return new Demo(folder, '--port', '0', ...args).ended;
}
