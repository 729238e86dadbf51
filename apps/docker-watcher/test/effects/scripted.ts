// The service, in this process, on a scripted engine: started as a policy says, watched, stopped, its log verified.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from '@audit/core';
import type { Policy } from '@audit/policy';
import { startWatcher, type Watcher } from '../../src/watcher.ts';
import { expectIntact } from '../support/log.ts';
import { type ScriptedContainer, ScriptedEngine } from '../support/scripted-engine.ts';

export const ID = 'c'.repeat(64);

/** Long enough for what is quick to have happened; what is slow takes ten times as long. */
export const A_WHILE = 4_000;

export interface Scene {
  readonly engine: ScriptedEngine;
  readonly watcher: Watcher;
  /** Every entry of the service so far. */
  readonly entries: readonly Entry[];
  /** Resolves with the first entry of which `test` is true. */
  entry(test: (entry: Entry) => boolean): Promise<Entry>;
}

/** @param prepare puts containers into the engine, before it is watched */
export async function onScriptedEngine<T>(
  policy: Policy,
  use: (scene: Scene) => Promise<T>,
  prepare: (engine: ScriptedEngine) => void = () => {},
): Promise<T> {
  const socket = `${process.cwd()}/docker.sock`;
  const engine = await ScriptedEngine.listen(socket);
  prepare(engine);
  const engines = [{ name: 'one', host: `unix://${socket}` }];
  try {
    return await serving({ ...policy, docker: { ...policy.docker, engines } }, engine, use);
  } finally {
    await engine.close();
  }
}

/** The same on the engines of the policy. */
export async function serving<T>(
  policy: Policy,
  engine: ScriptedEngine,
  use: (scene: Scene) => Promise<T>,
): Promise<T> {
  const entries: Entry[] = [];
  const waiting = new Set<() => void>();
  const watcher = await startWatcher({
    policy: { ...policy, log: { origin: 'effects.example/docker', onKeyCreated: () => {}, ...policy.log } },
    report: () => {},
    opened: (log) =>
      log.on('entry', ({ entry }) => {
        entries.push(entry);
        for (const look of waiting) look();
      }),
  });
  const entry = (test: (entry: Entry) => boolean): Promise<Entry> =>
    new Promise((resolve) => {
      const look = () => {
        const found = entries.find(test);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  try {
    return await use({ engine, watcher, entries, entry });
  } finally {
    await watcher.stop();
    await expectIntact(watcher.log.info().location);
  }
}

/** What comes first: the value of `happens`, or that it does not within a while. */
export function orQuiet<T>(happens: Promise<T>, milliseconds = A_WHILE): Promise<T | 'quiet'> {
  return Promise.race([happens, sleep(milliseconds, 'quiet' as const)]);
}

/** A running container called `web`. */
export function web(more: Partial<ScriptedContainer> = {}): ScriptedContainer {
  return { id: ID, name: 'web', ...more };
}
