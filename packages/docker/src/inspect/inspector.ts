// Asks the engine what it knows of a container or an exec: a few at a time, and again where it did not answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Patience } from '../connection/ask.ts';
import type { DockerClient } from '../docker-client.ts';
import { type ContainerFacts, factsOf } from './facts.ts';
import type { InspectedContainer } from './inspected.ts';
import { masked } from './masked.ts';

/** Inspections asked for at one time. */
export const MAX_INSPECTIONS = 8;
/** An inspection that fails is tried again after so many milliseconds: an engine may be busy, or starting. */
const RETRIES: readonly number[] = [100, 500];

export type Inspection<T> =
  | { readonly facts: T }
  /** `gone`: the engine has no such thing any more. `answered`: it said no, for whatever reason. */
  | { readonly facts: null; readonly gone: boolean; readonly answered: boolean; readonly reason: string };

export interface ExecFacts {
  readonly command: readonly string[];
  readonly user: string;
  readonly tty: boolean;
  readonly privileged: boolean;
}

export class Inspector {
  readonly #docker: DockerClient;
  readonly #environmentValues: boolean;
  readonly #patience: Patience;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(docker: DockerClient, environmentValues: boolean, patience: Patience) {
    this.#docker = docker;
    this.#environmentValues = environmentValues;
    this.#patience = patience;
  }

  /** Never rejects. */
  container(id: string): Promise<Inspection<ContainerFacts>> {
    return this.#ask(
      (options) => this.#docker.getContainer(id).inspect(options),
      (answer) => {
        const inspected = answer as InspectedContainer;
        return masked(factsOf(inspected, this.#environmentValues), inspected.Config?.Env ?? []);
      },
    );
  }

  /** Never rejects. */
  exec(id: string): Promise<Inspection<ExecFacts>> {
    return this.#ask(
      (options) => this.#docker.getExec(id).inspect(options),
      (answer) => {
        const { ProcessConfig = {} } = answer as {
          ProcessConfig?: {
            entrypoint?: string;
            arguments?: string[];
            user?: string;
            tty?: boolean;
            privileged?: boolean;
          };
        };
        return {
          command: [ProcessConfig.entrypoint ?? '', ...(ProcessConfig.arguments ?? [])],
          user: ProcessConfig.user ?? '',
          tty: ProcessConfig.tty === true,
          privileged: ProcessConfig.privileged === true,
        };
      },
    );
  }

  async #ask<T>(
    inspect: (options: object) => Promise<unknown>,
    read: (answer: unknown) => T,
  ): Promise<Inspection<T>> {
    await this.#enter();
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          return { facts: read(await ask(this.#patience, 'inspect', inspect)) };
        } catch (error) {
          const { statusCode, message } = error as { statusCode?: number; message: string };
          const answered = statusCode !== undefined;
          if (statusCode === 404) return { facts: null, gone: true, answered, reason: 'it was gone before' };
          const last = attempt === RETRIES.length || this.#patience.stopped.aborted;
          if (last) return { facts: null, gone: false, answered, reason: message };
          await sleep(RETRIES[attempt]);
        }
      }
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running >= MAX_INSPECTIONS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
  }
}
