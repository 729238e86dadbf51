// The public surface of @audit/agent, name by name.
export {
  type Assessment,
  auditAssessment,
  auditReport,
  auditReportFile,
} from './assessment/audit-assessment.ts';
export { DEFAULT_BLOCK, DEFAULT_REVIEW, type Decision, type Threshold } from './assessment/judgement.ts';
export {
  type AssessmentOptions,
  type AssessorOptions,
  DEFAULT_ASSESSMENT_TIMEOUT,
  DEFAULT_REPORT,
  type ScannerOptions,
} from './assessment/options.ts';
export {
  DEFAULT_FINDINGS,
  MAX_FINDINGS,
  type ReadReportOptions,
  readReport,
} from './assessment/read-report.ts';
export { REPORT_FORMATS, type ReportFormat, type ScanReport } from './assessment/report.ts';
export {
  DEFAULT_TEXT,
  DEFAULT_TREATMENT,
  MAX_TEXT,
  TREATMENTS,
  type Treatment,
} from './content/treatment.ts';
export { AuditAgentError, type AuditAgentErrorCode } from './errors.ts';
export { auditExecution } from './execution/audit-execution.ts';
export { auditProcess, type ProcessResult } from './execution/audit-process.ts';
export {
  DEFAULT_ADDRESS_SPACE,
  DEFAULT_CPU,
  DEFAULT_ENVIRONMENT,
  DEFAULT_KILL_GRACE,
  DEFAULT_MEMORY,
  DEFAULT_OUTPUT,
  DEFAULT_SAMPLE_INTERVAL,
  DEFAULT_TIMEOUT,
  type ExecutionOptions,
  type ProcessOptions,
  type SandboxOptions,
} from './execution/options.ts';
export type { Ended, Exceeded } from './execution/run.ts';
export type { Usage } from './execution/usage.ts';
export { auditFile, DEFAULT_HASHED, type FileMode, type FileOptions } from './file/audit-file.ts';
export { type AgentOptions, type AuditAgent, startAgent } from './lifecycle/agent.ts';
export { type AuditSession, type SessionOptions, startSession } from './lifecycle/session.ts';
export type { Scope } from './lifecycle/span.ts';
export type { Answer, ToolCall } from './model/answer.ts';
export { auditConversation, type ConversationOptions } from './model/audit-conversation.ts';
export { auditModelCall } from './model/audit-model-call.ts';
export { auditModelStream } from './model/audit-model-stream.ts';
export { DEFAULT_OPERATION, type ModelCallOptions, type ModelOptions } from './model/options.ts';
export { readAnswer } from './model/read-answer.ts';
export { type AgentOnFailure, DEFAULT_ON_FAILURE, type RecordingOptions } from './recording.ts';
