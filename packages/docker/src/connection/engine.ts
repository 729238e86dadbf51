// Which engine answers: told from others by its id and its data root.
import { createHash } from 'node:crypto';
import type { DockerClient } from '../docker-client.ts';
import { nanoOfMs, nanoOfTime } from '../stream/nanoseconds.ts';
import type { EngineInfo } from '../watch-types.ts';
import { ask, type Patience } from './ask.ts';

/** The oldest API that tells what is recorded here: Docker 1.12. */
export const MIN_API_VERSION = '1.24';

export interface IdentifiedEngine extends EngineInfo {
  /** Stands in entries: of the engine's id and data root, since engines of one host may share an id. */
  readonly key: string;
  /** The engine's clock when it answered. */
  readonly now: bigint;
  /** The engine's clock, going on from there. */
  readonly clock: () => bigint;
}

/**
 * Asks without a version in the path unless the client has one: the engine then answers by its own newest, and what
 * is read here has been the same in all since `MIN_API_VERSION`.
 */
export async function identify(
  docker: DockerClient,
  name: string | null,
  patience: Patience,
): Promise<IdentifiedEngine> {
  await ask(patience, 'ping', (options) => docker.ping(options));
  const version = record(await ask(patience, 'version', (options) => docker.version(options)));
  const info = record(await ask(patience, 'info', (options) => docker.info(options)));
  const answered = performance.now();
  const now = nanoOfTime(info.SystemTime) ?? nanoOfMs(Date.now());
  const apiVersion = text(version.ApiVersion);
  if (!isAtLeast(apiVersion, MIN_API_VERSION)) {
    throw new Error(`The engine speaks API version ${apiVersion}; ${MIN_API_VERSION} or newer is needed.`);
  }
  const id = text(info.ID) || text(info.Name);
  const key = createHash('sha256')
    .update(JSON.stringify([id, text(info.DockerRootDir)]))
    .digest('hex')
    .slice(0, 32);
  return {
    id,
    key,
    name: name ?? (text(info.Name) || 'docker'),
    version: text(version.Version),
    apiVersion,
    now,
    clock: () => now + nanoOfMs(performance.now() - answered),
  };
}

function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

function record(value: unknown): Record<string, unknown> {
  return (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
