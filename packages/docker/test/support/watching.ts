// A watch and its log, as most tests want them; and waiting for what is to come.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from '@audit/core';
import { assertIntact, createTestLog, type TestLog } from '@audit/core/testing';
import { type DockerWatch, type DockerWatchOptions, watchDocker } from '../../src/index.ts';

/** Types of the entries about a container that comes, runs, ends and goes. */
export const CHAIN: readonly string[] = [
  ...['container.create', 'container.start', 'container.die', 'container.destroy'],
];

export interface Watching {
  readonly log: TestLog;
  readonly watch: DockerWatch;
  /** Errors the watch has told. */
  readonly errors: Error[];
  entries(type?: string | readonly string[]): Promise<Entry[]>;
  /** Entries about one container. */
  of(containerId: string): Promise<Entry[]>;
  /** Waits until an entry about the container has this type. */
  recorded(containerId: string, type: string, count?: number): Promise<Entry[]>;
  /** Stops the watch, verifies the log, and closes it. */
  end(): Promise<Entry[]>;
}

/** Starts to watch, and waits until the engine is watched. */
export async function watching(
  options: Omit<DockerWatchOptions, 'log'> & { readonly log?: TestLog },
): Promise<Watching> {
  const begun = await beginWatching(options);
  await begun.watch.ready();
  return begun;
}

/** The same without waiting. */
export async function beginWatching(
  options: Omit<DockerWatchOptions, 'log'> & { readonly log?: TestLog },
): Promise<Watching> {
  const log = options.log ?? (await createTestLog());
  const watch = await watchDocker({
    settle: 100,
    retryMin: 20,
    retryMax: 200,
    answerTimeout: 1_000,
    ...options,
    log,
  });
  const errors: Error[] = [];
  watch.on('error', (error) => errors.push(error));
  const entries = async (type?: string | readonly string[]) => {
    const found: Entry[] = [];
    for await (const entry of log.entries(type === undefined ? {} : { type })) found.push(entry);
    return found;
  };
  const of = async (id: string) => (await entries()).filter(({ resource }) => resource.id === id);
  return {
    log,
    watch,
    errors,
    entries,
    of,
    async recorded(id, type, count = 1) {
      const found = async () => (await of(id)).filter((entry) => entry.type === type);
      await until(async () => (await found()).length >= count, `${count} ${type} of ${id}`);
      return found();
    },
    async end() {
      await watch.stop();
      await assertIntact(log);
      const all = await entries();
      await log.close();
      return all;
    },
  };
}

/** Waits until it holds; the test's own time limit ends it. */
export async function until(holds: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  for (let round = 0; !(await holds()); round++) {
    if (round === 2_000) throw new Error(`Waited in vain for ${what}`);
    await sleep(20);
  }
}

/** `type` of each entry, without the log's own. */
export function typesOf(entries: readonly Entry[]): string[] {
  return entries.map(({ type }) => type).filter((type) => !type.startsWith('log.'));
}
