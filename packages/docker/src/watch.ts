// Watches one engine: from its event stream, lists and inspections to entries of the log.
import { type DockerWatchOptions, resolveOptions } from './options.ts';
import type { DockerWatch } from './watch-types.ts';

/**
 * Turns the life of an engine's containers, images, networks and volumes into entries of a log.
 *
 * Resolves when the log was read for what is known of the engine, whether the engine answers or not: one that is
 * away is waited for. `ready()` of the handle tells when it is watched.
 *
 * @throws TypeError, RangeError naming the option that is wrong
 */
export async function watchDocker(options: DockerWatchOptions): Promise<DockerWatch> {
  resolveOptions(options);
  throw new Error('watchDocker is being written');
}
