// The public surface of @audit/docker, name by name.

export { auditDocker } from './client/audit-docker.ts';
export type { AuditDockerOptions } from './client/options.ts';
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
export {
  DEFAULT_ACTION_TIMEOUT,
  DEFAULT_CPU_LIMIT,
  DEFAULT_DISK_LIMIT,
  DEFAULT_LABELS,
  DEFAULT_LIMIT_ACTION,
  DEFAULT_MEMORY_LIMIT,
  DEFAULT_NETWORK_LIMIT,
  DEFAULT_PIDS_LIMIT,
  DEFAULT_RELEASE,
  DEFAULT_RESTARTS_LIMIT,
  DEFAULT_SAMPLE_INTERVAL,
  DEFAULT_SAMPLES_IN_FLIGHT,
  DEFAULT_SAMPLES_PER_SECOND,
  DEFAULT_STOP_TIMEOUT,
  DEFAULT_SUSTAINED,
  DEFAULT_TIME_LIMIT,
  DEFAULT_UPDATE_INTERVAL,
  type ResourceOptions,
} from './resources/options.ts';
export { watchDocker } from './watch.ts';
export type { DockerWatch, DockerWatchEvents, DockerWatchStats, EngineInfo } from './watch-types.ts';
