// The public surface of @audit/policy, name by name.

export { comparePolicies, type PolicyChange } from './compare/compare.ts';
export { eventRules } from './events/event-rules.ts';
export {
  DEFAULT_RECORDING_LEVEL,
  EVENT_DETAILS,
  type EventDetail,
  type EventRule,
  type EventRules,
  type EventRulesOptions,
  OUTCOME_NAMES,
  RECORDING_LEVELS,
  type RecordingLevel,
} from './events/options.ts';
export { loadPolicy } from './load.ts';
export { type ParseOptions, type Policy, parsePolicy } from './parse.ts';
export { PolicyError, type PolicyErrorCode, type PolicyProblem } from './problem.ts';
export {
  type GovernedLog,
  type GovernedStatus,
  type GovernOptions,
  openGovernedLog,
} from './runtime/governed-log.ts';
export type { ReloadOutcome } from './runtime/reload.ts';
export type { PolicyService, RunningService, ServiceContext } from './runtime/service.ts';
export type { FailureRule, HttpOnFailure } from './sections/detail-rules.ts';
export type { DockerPolicy, DockerWatchPolicy, EnginePolicy } from './sections/docker.ts';
export { type EngineAddress, parseEngineHost } from './sections/engine-host.ts';
export type { HttpPolicy } from './sections/http.ts';
export type { LimitAction, LimitsPolicy } from './sections/limits.ts';
export { DEFAULT_DIRECTORY } from './sections/log.ts';
export {
  DEFAULT_MONITORING_ADDRESS,
  DEFAULT_MONITORING_PORT,
  type MonitoringPolicy,
} from './sections/monitoring.ts';
export type { WinstonPolicy } from './sections/winston.ts';
export type { FilePlace } from './source/document.ts';
export type { Environment } from './source/environment.ts';
