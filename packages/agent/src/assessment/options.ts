// What a policy says of assessments, what else an assessment takes, and the check of both.
import { checkNames, filled, LONGEST_TIMER, oneOf, whole } from '../check.ts';
import { type AgentOnFailure, RECORDING_NAMES, type RecordingOptions } from '../recording.ts';
import { resolveThresholds, type Threshold, type Thresholds } from './judgement.ts';
import { DEFAULT_FINDINGS, MAX_FINDINGS } from './read-report.ts';
import { REPORT_FORMATS, type ReportFormat } from './report.ts';

/** Bytes of a report that is read. */
export const DEFAULT_REPORT = 33_554_432;
/** Milliseconds a scanner may take. */
export const DEFAULT_ASSESSMENT_TIMEOUT = 300_000;

/** What a policy says of assessments. */
export interface AssessorOptions {
  /** Format of the report; `auto`: as it looks. Default `auto`. */
  readonly format?: ReportFormat | 'auto' | undefined;
  /** Findings of this severity or worse block. Default `DEFAULT_BLOCK`. */
  readonly block?: Threshold | undefined;
  /** Those of this severity or worse are for somebody to look at. Default `DEFAULT_REVIEW`. */
  readonly review?: Threshold | undefined;
  /** At most so many findings are recorded, the worst; the others are counted. Default `DEFAULT_FINDINGS`. */
  readonly findings?: number | undefined;
  /** Bytes; a longer report is refused. Default `DEFAULT_REPORT`. */
  readonly report?: number | undefined;
  /** Milliseconds a scanner may take. Default `DEFAULT_ASSESSMENT_TIMEOUT`. */
  readonly timeout?: number | undefined;
  /** Default `DEFAULT_ON_FAILURE`. */
  readonly onFailure?: AgentOnFailure | undefined;
}

export interface AssessmentOptions extends AssessorOptions, RecordingOptions {
  /** What is assessed: a path, or `sha256:…` of a text, as the execution of the same text has it. */
  readonly target: string;
  /** Name of the scanner where its report has none. */
  readonly tool?: string | undefined;
  readonly toolVersion?: string | undefined;
  /** More facts for the entry. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

export interface ScannerOptions extends AssessmentOptions {
  /** File the scanner writes its report to. Default: standard output. */
  readonly reportFile?: string | undefined;
  readonly cwd?: string | undefined;
  /** Variables for the scanner, besides `PATH`, `HOME` and those of a sandbox. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What the scanner reads on standard input. */
  readonly input?: string | Uint8Array | undefined;
}

export interface AssessorSettings extends Thresholds {
  readonly format: ReportFormat | 'auto';
  readonly findings: number;
  readonly report: number;
  readonly timeout: number;
  readonly target: string;
}

const NAMES = [
  ...['format', 'block', 'review', 'findings', 'report', 'timeout', ...RECORDING_NAMES],
  ...['target', 'tool', 'toolVersion', 'data'],
];
const SCANNER_NAMES = [...NAMES, 'reportFile', 'cwd', 'env', 'input'];

/** @throws TypeError, RangeError naming the option */
export function checkAssessment(options: AssessmentOptions): AssessorSettings {
  checkNames(options, NAMES);
  return resolve(options);
}

/** @throws TypeError, RangeError naming the option */
export function checkScanner(options: ScannerOptions): AssessorSettings {
  checkNames(options, SCANNER_NAMES);
  return resolve(options);
}

function resolve(options: AssessmentOptions): AssessorSettings {
  return {
    ...resolveThresholds(options),
    target: filled('target', options.target),
    format: oneOf('format', options.format ?? 'auto', ['auto', ...REPORT_FORMATS]),
    findings: whole('findings', options.findings ?? DEFAULT_FINDINGS, 0, MAX_FINDINGS),
    report: whole('report', options.report ?? DEFAULT_REPORT, 1, 2 ** 29),
    timeout: whole('timeout', options.timeout ?? DEFAULT_ASSESSMENT_TIMEOUT, 1, LONGEST_TIMER),
  };
}
