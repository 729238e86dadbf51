// The public surface of @audit/policy, name by name.

export type { Alert, AlertEntry } from './alerting/alert.ts';
export {
  ALERT_CONDITIONS,
  type AlertChannel,
  type AlertCondition,
  type AlertingPolicy,
  type AlertMatch,
  type AlertRate,
  type AlertRule,
  type CommandOptions,
  DEFAULT_ALERT_CATCH_UP,
  DEFAULT_ALERT_OUTBOX,
  DEFAULT_ALERT_RATE,
  DEFAULT_ALERT_REPEAT,
  DEFAULT_ALERT_WINDOW,
  DEFAULT_CHANNEL_RATE,
  DEFAULT_CHANNEL_RETRY_FOR,
  DEFAULT_CHANNEL_RETRY_MAX,
  DEFAULT_CHANNEL_TIMEOUT,
  DEFAULT_SMTP_PORT,
  type EmailOptions,
  type LogChannelOptions,
  type SlackOptions,
  type WebhookOptions,
} from './alerting/options.ts';
export { type Alerting, type AlertingOptions, startAlerting } from './alerting/start.ts';
export type { AlertingStatus, ChannelStatus, RuleStatus } from './alerting/status.ts';
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
