// Pauses, stops and kills containers through the engine.
import type { DockerClient } from '../docker-client.ts';
import type { EngineAction } from './kinds.ts';
import type { ActionFailure, ActionState } from './violation-event.ts';

export interface EnforcementOptions {
  readonly docker: Pick<DockerClient, 'getContainer'>;
  /** Seconds a container is given to stop before the engine kills it. */
  readonly stopTimeout: number;
  /** How long an action may take, in milliseconds. */
  readonly actionTimeout: number;
}

const PAST = { pause: 'paused', stop: 'stopped', kill: 'killed' } as const;

export class Enforcement {
  readonly #options: EnforcementOptions;
  #actions = 0;
  #failed = 0;

  constructor(options: EnforcementOptions) {
    this.#options = options;
  }

  /** Actions the engine was asked for. */
  get actions(): number {
    return this.#actions;
  }

  get failed(): number {
    return this.#failed;
  }

  /** Never rejects: what went wrong is the answer. */
  async act(id: string, action: EngineAction): Promise<ActionState> {
    this.#actions++;
    try {
      await this.#inTime(this.#ask(id, action));
      return { action: PAST[action], result: 'done' };
    } catch (error) {
      if (isAlready(action, error)) return { action: PAST[action], result: 'already' };
      this.#failed++;
      return { action: 'none', result: 'failed', failure: failureOf(error) };
    }
  }

  #ask(id: string, action: EngineAction): Promise<unknown> {
    const container = this.#options.docker.getContainer(id);
    if (action === 'pause') return container.pause();
    if (action === 'kill') return container.kill();
    return container.stop({ t: this.#options.stopTimeout });
  }

  async #inTime(answer: Promise<unknown>): Promise<void> {
    const { actionTimeout } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const message = `The engine has not answered within ${actionTimeout} ms; it may still do it.`;
      timer = setTimeout(() => reject(new Error(message)), actionTimeout);
    });
    try {
      await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Docker Engine API: 304 "container already stopped"; 409 tells several things apart by its message only. */
function isAlready(action: EngineAction, error: unknown): boolean {
  const { statusCode, message } = error as { readonly statusCode?: unknown; readonly message?: unknown };
  if (action === 'stop') return statusCode === 304;
  return action === 'pause' && statusCode === 409 && /already paused/.test(String(message));
}

function failureOf(error: unknown): ActionFailure {
  const { statusCode, code, message } = error as Readonly<Record<string, unknown>>;
  const known = statusCode ?? code;
  return {
    message: typeof message === 'string' ? message.trim() : String(error),
    ...((typeof known === 'number' || typeof known === 'string') && { code: String(known) }),
  };
}
