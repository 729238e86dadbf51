// Assessments on record: of a report that is there, and of a scanner that is run for it.
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { type AuditEvent, securityAssessment } from '@audit/core';
import { AuditAgentError } from '../errors.ts';
import { DEFAULT_ENVIRONMENT, DEFAULT_KILL_GRACE, DEFAULT_SAMPLE_INTERVAL } from '../execution/options.ts';
import { type Ended, run } from '../execution/run.ts';
import { factsOver } from '../facts.ts';
import { Recording } from '../recording.ts';
import { type Decision, decide, scoreOf } from './judgement.ts';
import {
  type AssessmentOptions,
  type AssessorSettings,
  checkAssessment,
  checkScanner,
  type ScannerOptions,
} from './options.ts';
import { readReport } from './read-report.ts';
import type { ScanReport } from './report.ts';

/** What was found, and what follows from it. */
export interface Assessment extends ScanReport {
  readonly target: string;
  /** From 0, nothing found, towards 100. */
  readonly score: number;
  readonly decision: Decision;
}

/**
 * Records a scanner's report as `security.assessment`. A report that cannot be read is on record as one that blocks.
 *
 * @param report Bandit JSON, Semgrep JSON or SARIF 2.1.0
 * @throws AuditAgentError `REPORT_INVALID`, `NOT_RECORDED`; TypeError, RangeError naming the option
 */
export function auditReport(report: string | Uint8Array, options: AssessmentOptions): Promise<Assessment> {
  const settings = checkAssessment(options);
  return assess(options, settings, async () => ({ report: bounded(report, settings), facts: {} }));
}

/** `auditReport` of a file. */
export function auditReportFile(path: string, options: AssessmentOptions): Promise<Assessment> {
  const settings = checkAssessment(options);
  return assess(options, settings, async () => ({ report: await readBounded(path, settings), facts: {} }));
}

/**
 * Runs a scanner and records what it reports:
 *
 * ```ts
 * await auditAssessment('bandit', ['-q', '-f', 'json', '-r', 'src'], { target: 'src', log });
 * ```
 *
 * Its exit code decides nothing, for scanners say by it that they have found something, too; its report does. Where it
 * gives none, that is on record as an assessment that blocks.
 *
 * @throws AuditAgentError `ASSESSMENT_FAILED`, `REPORT_INVALID`, `NOT_STARTED`, `NOT_RECORDED`; TypeError, RangeError
 */
export function auditAssessment(
  command: string,
  args: readonly string[],
  options: ScannerOptions,
): Promise<Assessment> {
  const settings = checkScanner(options);
  const named = { ...options, tool: options.tool ?? basename(command) };
  return assess(named, settings, async () => {
    const ended = await scan(command, args, options, settings);
    const report =
      options.reportFile === undefined ? ended.stdout : await readBounded(options.reportFile, settings);
    const { exitCode, cpuMs, maxRssBytes } = ended;
    if (report.length > 0) return { report, facts: { exitCode, cpuMs, maxRssBytes } };
    const said = ended.stderr.toString().trim().slice(-200);
    throw new AuditAgentError(
      'ASSESSMENT_FAILED',
      `${command} gave no report and exit code ${exitCode}: ${said}`,
    );
  });
}

interface Given {
  readonly report: string | Uint8Array;
  readonly facts: Readonly<Record<string, unknown>>;
}

async function assess(
  options: AssessmentOptions,
  settings: AssessorSettings,
  give: () => Promise<Given>,
): Promise<Assessment> {
  const recording = new Recording(options);
  await recording.begin(toldBefore(options));
  let assessment: Assessment;
  let facts: Readonly<Record<string, unknown>>;
  try {
    const given = await give();
    facts = given.facts;
    assessment = judged(readReport(given.report, settings), options, settings);
  } catch (error) {
    await recording.end(toldFailure(options, error, recording.durationMs), error);
    throw error;
  }
  await recording.end(
    told(assessment, { ...options.data, ...facts, durationMs: recording.durationMs }),
    assessment,
  );
  return assessment;
}

function judged(
  report: ScanReport,
  { tool, toolVersion }: AssessmentOptions,
  settings: AssessorSettings,
): Assessment {
  return {
    ...report,
    ...(report.format !== 'sarif' && tool !== undefined && { tool }),
    ...(toolVersion !== undefined && { toolVersion }),
    target: settings.target,
    score: scoreOf(report),
    decision: decide(report, settings),
  };
}

function toldBefore({ tool = 'unknown', toolVersion, target, data }: AssessmentOptions): AuditEvent {
  return securityAssessment({ ...factsOver(data, { tool, toolVersion, target }), outcome: 'unknown' });
}

/** Nobody has looked at it: that must not read as nothing found. */
function toldFailure(options: AssessmentOptions, error: unknown, durationMs: number): AuditEvent {
  const before = toldBefore(options);
  const data = { ...before.data, durationMs, decision: 'block' satisfies Decision };
  return { ...before, outcome: 'failure', level: 'error', error: error as Error, data };
}

function told(assessment: Assessment, facts: Readonly<Record<string, unknown>>): AuditEvent {
  const { tool, toolVersion, target, findings, score, recommendations, decision } = assessment;
  const { format, counts, suppressed, errors } = assessment;
  const omitted = Object.values(counts).reduce((sum, count) => sum + count, 0) - findings.length;
  const found = { format, counts, omitted, suppressed, errors };
  return securityAssessment(
    factsOver(facts, { tool, toolVersion, target, findings, score, recommendations, decision, ...found }),
  );
}

async function scan(
  command: string,
  args: readonly string[],
  { cwd, env, input }: ScannerOptions,
  { timeout, report }: AssessorSettings,
): Promise<Ended> {
  const passed = [...DEFAULT_ENVIRONMENT, 'HOME'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const ended = await run(command, args, {
    limits: { timeout, killGrace: DEFAULT_KILL_GRACE, cpu: 0, memory: 0, addressSpace: 0, output: report },
    sampleInterval: DEFAULT_SAMPLE_INTERVAL,
    env: { ...Object.fromEntries(passed), ...env },
    ...{ cwd, input },
  });
  if (ended.exceeded === null && ended.signal === null) return ended;
  const why = ended.exceeded === 'time' ? `took longer than ${timeout} ms` : `was ended by ${ended.signal}`;
  const more = ended.exceeded === 'output' ? `wrote more than ${report} bytes` : why;
  throw new AuditAgentError('ASSESSMENT_FAILED', `${command} ${more}: nothing was assessed.`);
}

function bounded(report: string | Uint8Array, settings: AssessorSettings): string | Uint8Array {
  const bytes = typeof report === 'string' ? Buffer.byteLength(report) : report.length;
  if (bytes > settings.report) throw tooLong(settings);
  return report;
}

/** Reads no more than is allowed, whatever the file says its size is. */
async function readBounded(path: string, settings: AssessorSettings): Promise<Uint8Array> {
  const file = await open(path).catch((cause: Error) => {
    throw new AuditAgentError('ASSESSMENT_FAILED', `The report cannot be read: ${cause.message}`, { cause });
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of file.createReadStream() as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > settings.report) throw tooLong(settings);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLong({ report }: AssessorSettings): AuditAgentError {
  return new AuditAgentError(
    'REPORT_INVALID',
    `The report is longer than ${report} bytes: raise options.report to read it.`,
  );
}
