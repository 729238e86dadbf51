// The engine this machine has, watched into a log that is open already: for a program that is not a service of its own.
import type { AuditLog } from '@audit/core';
import { type DockerWatchOptions, watchDocker } from '@audit/docker';
import { type DockerEnvironment, engineClient } from './engine-clients.ts';
import { whyNoAnswer } from './first-contact.ts';
import { type Report, WatchedEngine } from './watched-engine.ts';

export interface LocalEngineOptions {
  readonly log: AuditLog;
  /** Where `DOCKER_HOST` and its like are looked up. Default: `process.env`. */
  readonly env?: DockerEnvironment;
  /** Told why no engine is watched, and what happens to one that is; each a sentence. */
  readonly report?: Report;
  /** Further options of the watch. */
  readonly watch?: Omit<DockerWatchOptions, 'docker' | 'log'>;
}

/**
 * Watches the engine of the environment, else the one at the local socket. Null, with the reason reported, where none
 * answers. Whoever calls it ends it by `watch.stop()`, before the log is closed.
 *
 * @throws Refusal where the environment names an engine and makes no sense
 */
export async function watchLocalEngine(options: LocalEngineOptions): Promise<WatchedEngine | null> {
  const { log, env = process.env, report = () => {}, watch = {} } = options;
  const client = engineClient({ name: undefined }, env);
  const reason = await whyNoAnswer(client);
  if (reason !== null) {
    report(reason);
    return null;
  }
  return new WatchedEngine(client, await watchDocker({ ...watch, docker: client.docker, log }), report);
}
