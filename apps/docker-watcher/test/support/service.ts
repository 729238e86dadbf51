// The built service as a child process, in a folder of its own, the way a service manager runs it.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What runs node: a program and its arguments. */
  readonly under?: readonly string[];
}

/** A folder with a policy in it; the log becomes `log` in it. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'audit-watcher-'));

  get log(): string {
    return join(this.folder, 'log');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes `audit.yaml`. What a test does not care for: any free port, a name, a log in the folder. */
  policy(sections: Readonly<Record<string, unknown>> = {}): void {
    const all = {
      log: { origin: 'watcher.example/docker' },
      storage: { directory: 'log' },
      monitoring: { port: 0 },
      ...sections,
    };
    // JSON is YAML.
    this.write('audit.yaml', JSON.stringify(all));
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  run(options: RunOptions = {}): Service {
    return new Service(this.folder, options);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A service that runs, or has run. */
export class Service {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';
  readonly #listeners = new Set<() => void>();

  constructor(folder: string, { args = [], env = {}, under = [] }: RunOptions) {
    if (!existsSync(main)) throw new Error('Build first: npm run build');
    const { DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, AUDIT_KEY_FILE, ...inherited } = process.env;
    const [command, ...rest] = [...under, process.execPath, main, ...args] as [string, ...string[]];
    this.child = spawn(command, rest, {
      cwd: folder,
      env: { ...inherited, AUDIT_CONFIG: 'audit.yaml', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      for (const listener of this.#listeners) listener();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      for (const listener of this.#listeners) listener();
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (status, signal) => {
        resolve({ status, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves once standard output matches. @throws Error if the service ends before */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#saw(() => this.#stdout, pattern);
  }

  /** The same for standard error. */
  told(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#saw(() => this.#stderr, pattern);
  }

  /** Resolves with the address of health and metrics once the service is up. */
  async url(): Promise<string> {
    const [, url] = await this.told(/health and metrics are at (http:\S+)\./);
    return url!;
  }

  /** The answer to GET `path`. */
  async get(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch((await this.url()) + path, { headers: { connection: 'close' } });
    return { status: response.status, text: await response.text() };
  }

  /** Asks /readyz until it answers so: a line for each check, `name: ok` or why not. */
  async readiness(status: 200 | 503, pattern = /./): Promise<string> {
    for (;;) {
      const answer = await this.get('/readyz');
      const lines = linesOf(answer.text);
      if (answer.status === status && pattern.test(lines)) return lines;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Stops it as a service manager does, and waits. */
  stop(): Promise<Ended> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  async #saw(text: () => string, pattern: RegExp): Promise<RegExpExecArray> {
    let listener = () => {};
    const match = new Promise<RegExpExecArray>((resolve) => {
      listener = () => {
        const found = pattern.exec(text());
        if (found) resolve(found);
      };
      this.#listeners.add(listener);
      listener();
    });
    const ended = this.ended.then(({ status, stdout, stderr }) => {
      throw new Error(`ended with ${status} before ${pattern}:\n${stdout}${stderr}`);
    });
    try {
      return await Promise.race([match, ended]);
    } finally {
      ended.catch(() => {});
      this.#listeners.delete(listener);
    }
  }
}

/** What /readyz says of the log and the engines, as lines. The disk is this machine's, and no part of what is tested. */
function linesOf(text: string): string {
  const { checks } = JSON.parse(text) as {
    checks: readonly {
      readonly name: string;
      readonly status: string;
      readonly reasons: readonly string[];
    }[];
  };
  return checks
    .filter(({ name }) => /^(?:log$|engine )/.test(name))
    .map(({ name, status, reasons }) => `${name}: ${status === 'ok' ? 'ok' : reasons.join('; ')}\n`)
    .join('');
}
