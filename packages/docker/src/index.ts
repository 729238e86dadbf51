// The public surface of @audit/docker, name by name.

export type { ContainerHandle, DockerClient } from './docker-client.ts';
export {
  DEFAULT_ANSWER_TIMEOUT,
  DEFAULT_EVENTS,
  DEFAULT_PROBE_INTERVAL,
  DEFAULT_QUEUE_MESSAGES,
  DEFAULT_RECONCILE_INTERVAL,
  DEFAULT_RETRY_MAX,
  DEFAULT_RETRY_MIN,
  DEFAULT_SETTLE,
  type DockerObject,
  type DockerWatchOptions,
} from './options.ts';
export type { LimitAction } from './resources/kinds.ts';
export type { ResourceStats } from './resources/monitor.ts';
export type { ResourceOptions } from './resources/options.ts';
export { watchDocker } from './watch.ts';
export type { DockerWatch, DockerWatchEvents, DockerWatchStats, EngineInfo } from './watch-types.ts';
