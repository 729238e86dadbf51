// An exec whose start is recorded.
import { type ContainerRef, containerExec } from '@audit/core';
import { follow } from './follow.ts';
import type { ActRecorder } from './recorder.ts';
import { methodOf, standIn } from './stand-in.ts';

/** What is known of a command to be run in a container. */
export interface ExecFacts {
  readonly container: ContainerRef;
  readonly command: string | readonly string[];
  readonly user?: string | undefined;
  readonly tty?: boolean | undefined;
  readonly privileged?: boolean | undefined;
  /** Names and values, which are never recorded. */
  readonly environment: readonly string[];
  /** The same of the container. */
  readonly company: readonly string[];
}

/** What stands for the command of an exec of which nothing is known. */
const UNKNOWN = '[unknown]';

/** @param known undefined for an exec that was found by its id; then it is inspected first */
export function auditExec<E extends object>(exec: E, known: ExecFacts | undefined, recorder: ActRecorder): E {
  const id = String((exec as { readonly id?: unknown }).id);
  let facts = known;
  return standIn(exec, {
    start: (...args) => {
      const record = recorder.begin(() => execAct(facts, id, 'started'));
      return follow(exec, methodOf(exec, 'start'), args, {
        before:
          facts !== undefined
            ? undefined
            : async () => {
                facts = await inspected(exec);
              },
        ended: (error, value) => {
          record(error, value);
          return value;
        },
      });
    },
  });
}

/** Preparing a command and starting it are two requests: whoever prepares it need not be who starts it. */
export function execAct(
  facts: ExecFacts | undefined,
  execId: string | undefined,
  phase: 'prepared' | 'started',
) {
  const {
    container = { id: 'unknown' },
    command = UNKNOWN,
    user,
    tty,
    privileged,
    environment = [],
    company = [],
  } = facts ?? {};
  return {
    event: containerExec({
      ...{ container, command, user, tty, operation: phase === 'prepared' ? 'prepare exec' : 'exec' },
      data: {
        ...{ phase, execId, environment: environment.map((entry) => entry.split('=', 1)[0]) },
        ...(privileged === true && { privileged }),
      },
    }),
    company: [...environment, ...company],
  };
}

/** Docker Engine API, `ExecInspect`. Undefined where the engine does not tell. */
async function inspected(exec: object): Promise<ExecFacts | undefined> {
  try {
    const { ContainerID, ProcessConfig } = (await methodOf(exec, 'inspect').call(exec)) as {
      readonly ContainerID: string;
      readonly ProcessConfig: {
        readonly entrypoint: string;
        readonly arguments?: readonly string[] | null;
        readonly user?: string;
        readonly tty?: boolean;
        readonly privileged?: boolean;
      };
    };
    const { entrypoint, arguments: rest, user, tty, privileged } = ProcessConfig;
    const command = [entrypoint, ...(rest ?? [])];
    return { container: { id: ContainerID }, command, user, tty, privileged, environment: [], company: [] };
  } catch {
    return undefined;
  }
}
