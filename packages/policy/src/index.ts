// The public surface of @audit/policy, name by name.
export { loadPolicy } from './load.ts';
export { type ParseOptions, type Policy, parsePolicy } from './parse.ts';
export { PolicyError, type PolicyErrorCode, type PolicyProblem } from './problem.ts';
export {
  type GovernedLog,
  type GovernedStatus,
  type GovernOptions,
  openGovernedLog,
} from './runtime/governed-log.ts';
export type { PolicyService, RunningService, ServiceContext } from './runtime/service.ts';
export type { DockerPolicy, DockerWatchPolicy, EnginePolicy } from './sections/docker.ts';
export { type EngineAddress, parseEngineHost } from './sections/engine-host.ts';
export type { LimitAction, LimitsPolicy } from './sections/limits.ts';
export { DEFAULT_DIRECTORY } from './sections/log.ts';
export {
  DEFAULT_MONITORING_ADDRESS,
  DEFAULT_MONITORING_PORT,
  type MonitoringPolicy,
} from './sections/monitoring.ts';
export type { Environment } from './source/environment.ts';
