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
export { alertingSource } from './alerting/source.ts';
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
export { explainPolicy, type KeyExplanation } from './explain.ts';
export { loadPolicy } from './load.ts';
export {
  type BackupJobOptions,
  backupJob,
  DEFAULT_BACKUP_INTERVAL,
} from './maintenance/backup-job.ts';
export type { JobResult, JobRun, JobStatus, MaintenanceJob } from './maintenance/job.ts';
export { type MaintenanceJobsOptions, maintenanceJobs } from './maintenance/jobs.ts';
export {
  DEFAULT_JITTER,
  DEFAULT_RETRY_MAX,
  DEFAULT_RETRY_MIN,
  type Maintenance,
  type MaintenanceOptions,
  startMaintenance,
} from './maintenance/maintenance.ts';
export {
  DEFAULT_RETENTION_INTERVAL,
  type RetentionJobOptions,
  retentionJob,
} from './maintenance/retention-job.ts';
export { DEFAULT_ROTATION_INTERVAL, rotateJob } from './maintenance/rotate-job.ts';
export type { Schedule } from './maintenance/schedule.ts';
export {
  DEFAULT_FULL_VERIFY_INTERVAL,
  DEFAULT_VERIFY_INTERVAL,
  type VerifyJobOptions,
  verifyJob,
} from './maintenance/verify-job.ts';
export {
  CHECK_STATUSES,
  type Check,
  type CheckStatus,
  logCheck,
  type MonitoringSource,
  type Readiness,
} from './monitoring/check.ts';
export {
  DISK_ACTIONS,
  DISK_RELEASE,
  type DiskAction,
  type DiskLadder,
  type DiskThreshold,
} from './monitoring/disk/ladder.ts';
export type { DiskChange } from './monitoring/disk/place.ts';
export type { DiskSpace } from './monitoring/disk/space.ts';
export type { DiskHalt, DiskListeners } from './monitoring/disk/watch.ts';
export { EXPOSITION_TYPE, exposition } from './monitoring/exposition.ts';
export type { Answers, MonitoringHandler } from './monitoring/handler.ts';
export {
  counter,
  gauge,
  type HistogramSample,
  type Labels,
  type Metric,
  type Sample,
} from './monitoring/metric.ts';
export { listenForMonitoring, type MonitoringServer } from './monitoring/server.ts';
export { type Monitoring, type MonitoringOptions, startMonitoring } from './monitoring/start.ts';
export { type ParseOptions, type Policy, parsePolicy } from './parse.ts';
export { formatProblem, PolicyError, type PolicyErrorCode, type PolicyProblem } from './problem.ts';
export {
  applyRetention,
  type RetainedLog,
  type RetentionResult,
  type RetentionRun,
} from './retention/apply.ts';
export type { SegmentFate, SegmentReason } from './retention/decide.ts';
export {
  APPROVAL_AGE,
  DEFAULT_APPROVALS,
  DEFAULT_KEEP,
  type LegalHold,
  type RetentionOptions,
} from './retention/options.ts';
export {
  type ApprovedRequest,
  approve,
  findApproved,
  formatRequest,
  parseRequest,
  policyDigest,
  type RetentionRequest,
} from './retention/request.ts';
export {
  type GovernedLog,
  type GovernedStatus,
  type GovernOptions,
  openGovernedLog,
} from './runtime/governed-log.ts';
export type { ReloadOutcome } from './runtime/reload.ts';
export type { PolicyService, RunningService, ServiceContext } from './runtime/service.ts';
export type { BackupPolicy } from './sections/archive.ts';
export type { AssessorPolicy, AssessorThreshold } from './sections/assessor.ts';
export type { FailureRule, HttpOnFailure } from './sections/detail-rules.ts';
export { DEFAULT_DISK_INTERVAL, DEFAULT_DISK_LADDER, type DiskPolicy } from './sections/disk.ts';
export type { DockerPolicy, DockerWatchPolicy, EnginePolicy } from './sections/docker.ts';
export { type EngineAddress, parseEngineHost } from './sections/engine-host.ts';
export type { HttpPolicy } from './sections/http.ts';
export type { LimitAction, LimitsPolicy } from './sections/limits.ts';
export { DEFAULT_DIRECTORY } from './sections/log.ts';
export type { MaintenancePolicy } from './sections/maintenance.ts';
export type { ModelPolicy } from './sections/model.ts';
export {
  DEFAULT_MONITORING_ADDRESS,
  DEFAULT_MONITORING_PORT,
  type MonitoringPolicy,
} from './sections/monitoring.ts';
export type { SandboxPolicy } from './sections/sandbox.ts';
export type { WinstonPolicy, WinstonSelection } from './sections/winston.ts';
export type { FilePlace } from './source/document.ts';
export type { Environment } from './source/environment.ts';
