// Watches one engine: from its event stream, lists and inspections to entries of the log.
import { AsyncResource } from 'node:async_hooks';
import { EngineWatch } from './engine-watch.ts';
import { type DockerWatchOptions, resolveOptions } from './options.ts';
import type { DockerWatch } from './watch-types.ts';

/** Runs outside of any audit context: what happens to containers later is not the doing of whoever starts the watch. */
const outside = AsyncResource.bind((start: () => DockerWatch) => start());

/**
 * Turns the life of an engine's containers, images, networks and volumes into entries of a log. An engine that is away
 * is waited for: `ready()` of the handle tells when it is watched.
 *
 * @throws TypeError, RangeError naming the option that is wrong
 */
export async function watchDocker(options: DockerWatchOptions): Promise<DockerWatch> {
  const settings = resolveOptions(options);
  return outside(() => new EngineWatch(settings));
}
