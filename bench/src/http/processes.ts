// Server and load generator as processes of their own, each on one core where the system can pin them.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { LoadPlan, LoadResult } from './load.ts';
import type { ServerMessage, ServerOrder, ServerPlan } from './variants.ts';

/** taskset(1) is part of every Linux; with one core there is nothing to choose. */
export const PINNED =
  process.platform === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;

const SERVER_CORE = '0';
const CLIENT_CORE = '1';

/** A child that is talked to in questions and answers. */
class Channel<Question, Answer> {
  readonly #child: ChildProcess;
  #ended: Error | undefined;
  #waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  readonly #early: Answer[] = [];

  constructor(core: string, file: string, args: readonly string[], nodeArgs: readonly string[] = []) {
    const node = [process.execPath, ...nodeArgs, fileURLToPath(new URL(file, import.meta.url)), ...args];
    const [command, ...rest] = PINNED ? ['taskset', '-c', core, ...node] : node;
    this.#child = spawn(command!, rest, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    this.#child.on('message', (answer: Answer) => {
      if (this.#waiting === undefined) this.#early.push(answer);
      this.#waiting?.resolve(answer);
      this.#waiting = undefined;
    });
    const ended = (why: string) => {
      this.#ended = new Error(`${file} ${why}.`);
      this.#waiting?.reject(this.#ended);
    };
    this.#child.on('error', (error) => ended(`could not be started: ${error.message}`));
    this.#child.on('exit', (code, signal) => ended(`ended with ${signal ?? code}`));
  }

  /** What it says next. */
  hear(): Promise<Answer> {
    const early = this.#early.shift();
    if (early !== undefined) return Promise.resolve(early);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  ask(question: Question): Promise<Answer> {
    const answer = this.hear();
    this.#child.send(question as object);
    return answer;
  }

  /** Disconnected, it exits. */
  async end(): Promise<void> {
    if (this.#ended !== undefined) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await exited;
  }
}

export class LoadProcess {
  readonly #channel = new Channel<LoadPlan, LoadResult>(CLIENT_CORE, './client.js', []);

  run(plan: LoadPlan): Promise<LoadResult> {
    return this.#channel.ask(plan);
  }

  end(): Promise<void> {
    return this.#channel.end();
  }
}

export class ServerProcess {
  readonly port: number;
  readonly #channel: Channel<ServerOrder, ServerMessage>;

  private constructor(port: number, channel: Channel<ServerOrder, ServerMessage>) {
    this.port = port;
    this.#channel = channel;
  }

  /** @param nodeArgs flags for Node, such as `--cpu-prof` */
  static async start(plan: ServerPlan, nodeArgs: readonly string[] = []): Promise<ServerProcess> {
    const args = [JSON.stringify(plan)];
    const channel = new Channel<ServerOrder, ServerMessage>(SERVER_CORE, './server.js', args, nodeArgs);
    const said = await channel.hear();
    if (said.kind !== 'listening') throw new Error(`The server said ${said.kind} first.`);
    return new ServerProcess(said.port, channel);
  }

  /** Processor time it has used so far, all threads, in microseconds. */
  async cpuMicros(): Promise<number> {
    const said = await this.#channel.ask('usage');
    return said.kind === 'usage' ? said.cpuMicros : Number.NaN;
  }

  /** Everything recorded is in its file. Resolves with how long that took after it was told. */
  async stop(): Promise<number> {
    const said = await this.#channel.ask('stop');
    await this.end();
    return said.kind === 'stopped' ? said.drainMs : Number.NaN;
  }

  /** Ends it as it is. */
  end(): Promise<void> {
    return this.#channel.end();
  }
}
