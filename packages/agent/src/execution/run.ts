// One child process within its limits: started, watched, killed with all it has started, its output kept up to a bound.
// Knows nothing of the log.
import { type ChildProcess, spawn } from 'node:child_process';
import { AuditAgentError } from '../errors.ts';
import { BoundedOutput } from './bounded-output.ts';
import { limitedCommand } from './command.ts';
import { killAtExit } from './kill-at-exit.ts';
import { type Limits, PLATFORM } from './options.ts';
import { ProcessFamily } from './process-family.ts';
import { UNSEEN, type Usage, UsageWatch } from './usage.ts';

/** What ended a process before it was done. */
export type Exceeded = 'time' | 'cpu' | 'memory' | 'output';

export interface RunOptions {
  readonly limits: Limits;
  readonly sampleInterval: number;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  readonly input?: string | Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a process ended. */
export interface Ended extends Usage {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The limit that ended it; null where none did. */
  readonly exceeded: Exceeded | null;
  /** `signal` of the options ended it. */
  readonly aborted: boolean;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Bytes of output, as far as they were read: beyond the limit they are counted and not kept. */
  readonly outputBytes: number;
  /** Processes that were still there when it ended, and were killed; null where nobody can count. */
  readonly leftovers: number | null;
}

/** @throws AuditAgentError `NOT_STARTED` */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { limits, env, cwd, input } = options;
  const started = limitedCommand(command, args, limits, { path: env.PATH ?? '', cwd });
  const child = spawn(started.file, started.args, {
    env,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    // A group of its own, so that what it starts can be killed with it.
    detached: PLATFORM.shell,
    windowsHide: true,
    ...(cwd !== undefined && { cwd }),
  });
  const failed = new Promise<never>((_, reject) => {
    child.on('error', (cause) => {
      reject(
        new AuditAgentError(
          'NOT_STARTED',
          `${command} could not be started in ${cwd ?? '.'}: ${cause.message}`,
          { cause },
        ),
      );
    });
  });
  // Later errors are of signals that came too late.
  failed.catch(() => {});
  if (child.pid === undefined) return failed;
  return new LimitedChild(child, child.pid, options).ended;
}

class LimitedChild {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #options: RunOptions;
  readonly #family: ProcessFamily;
  readonly #output: BoundedOutput;
  readonly #watch: UsageWatch | undefined;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #closing: Promise<unknown>;
  #exceeded: Exceeded | null = null;
  #aborted = false;
  #over = false;

  constructor(child: ChildProcess, pid: number, options: RunOptions) {
    this.#child = child;
    this.#options = options;
    this.#closing = new Promise((resolve) => child.on('close', resolve));
    this.#family = new ProcessFamily(pid, PLATFORM.watched);
    this.#output = new BoundedOutput(options.limits.output, () => this.#exceed('output', 'SIGKILL'));
    child.stdout?.on('data', (chunk: Buffer) => this.#output.take('stdout', chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#output.take('stderr', chunk));
    // A process need not read what it is given.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
    const { timeout } = options.limits;
    if (timeout > 0) this.#timers.push(setTimeout(() => this.#exceed('time', 'SIGTERM'), timeout));
    killAtExit.add(this.#family);
    this.ended = this.#end();
    if (PLATFORM.watched) {
      this.#watch = new UsageWatch(this.#family, options.sampleInterval, (usage) => this.#look(usage));
    }
    if (options.signal?.aborted) this.#abort();
    else options.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  async #end(): Promise<Ended> {
    const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      this.#child.on('exit', (...how) => resolve(how));
    });
    this.#over = true;
    const usage = this.#watch?.stop() ?? UNSEEN;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#options.signal?.removeEventListener('abort', this.#abort);
    // An execution is over when the process that was asked for is: nothing of it goes on unseen.
    const leftovers = this.#family.kill('SIGKILL');
    killAtExit.delete(this.#family);
    await this.#closed();
    return {
      ...usage,
      exitCode,
      signal,
      exceeded: this.#exceeded ?? (signal === 'SIGXCPU' ? 'cpu' : null),
      aborted: this.#aborted,
      stdout: this.#output.of('stdout'),
      stderr: this.#output.of('stderr'),
      outputBytes: this.#output.bytes,
      leftovers,
    };
  }

  /** Until the streams have ended. One that has escaped may hold them open for ever, so not without end. */
  async #closed(): Promise<void> {
    const { stdout, stderr } = this.#child;
    const patience = setTimeout(() => {
      stdout?.destroy();
      stderr?.destroy();
    }, this.#options.limits.killGrace);
    await this.#closing;
    clearTimeout(patience);
  }

  #look({ cpuMs, maxRssBytes }: Usage): void {
    const { cpu, memory } = this.#options.limits;
    if (memory > 0 && (maxRssBytes ?? 0) > memory) this.#exceed('memory', 'SIGKILL');
    if (cpu > 0 && (cpuMs ?? 0) > cpu) this.#exceed('cpu', 'SIGKILL');
  }

  /** @param signal SIGTERM lets it tidy up; what uses up a machine is not asked */
  #exceed(limit: Exceeded, signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#exceeded !== null) return;
    this.#exceeded = limit;
    // What a process has written may be read after it has ended.
    if (!this.#over) this.#kill(signal);
  }

  readonly #abort = (): void => {
    if (this.#over) return;
    this.#aborted = true;
    this.#kill('SIGTERM');
  };

  #kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#family.kill(signal);
    if (signal === 'SIGKILL') return;
    this.#timers.push(setTimeout(() => this.#family.kill('SIGKILL'), this.#options.limits.killGrace));
  }
}
