// What all formats of reports come to, and how much of it is kept. Types, and the collector that bounds them.
import type { AssessmentFinding, Severity } from '@audit/core';

/** Formats that are read. */
export const REPORT_FORMATS = ['bandit', 'semgrep', 'sarif'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** From the worst. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

/** What a scanner found. */
export interface ScanReport {
  readonly format: ReportFormat;
  readonly tool: string;
  readonly toolVersion?: string;
  /** The worst first, within one severity as the scanner has them; at most as many as were asked for. */
  readonly findings: readonly AssessmentFinding[];
  /** Of all findings, those left out too. */
  readonly counts: Readonly<Record<Severity, number>>;
  /** Findings that somebody has accepted or marked as false in the code or the scanner: in no other figure. */
  readonly suppressed: number;
  /** What the scanner says it could not do: files it could not read, rules that failed. */
  readonly errors: number;
  /** What the scanner says can be done about the findings above. */
  readonly recommendations: readonly string[];
}

const MAX_MESSAGE = 256;
const MAX_FILE = 256;
const MAX_RULE = 128;
const MAX_RECOMMENDATIONS = 16;

/** A finding as a document has it: any text, of any length. */
export interface RawFinding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly file?: string | undefined;
  readonly line?: unknown;
  readonly message?: string | undefined;
  readonly recommendation?: string | undefined;
}

/** Takes any number of findings and keeps the worst. */
export class Findings {
  readonly #most: number;
  readonly #kept = new Map<
    Severity,
    { readonly finding: AssessmentFinding; readonly recommendation?: string }[]
  >();
  readonly #counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  suppressed = 0;
  errors = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add({ ruleId, severity, file, line, message, recommendation }: RawFinding): void {
    this.#counts[severity]++;
    const kept = this.#kept.get(severity) ?? [];
    this.#kept.set(severity, kept);
    if (kept.length >= this.#most) return;
    const finding: AssessmentFinding = {
      ruleId: plainText(ruleId, MAX_RULE),
      severity,
      ...(file !== undefined && { file: plainText(file, MAX_FILE) }),
      ...(Number.isSafeInteger(line) && (line as number) > 0 && { line: line as number }),
      ...(message !== undefined && { message: plainText(message, MAX_MESSAGE) }),
    };
    kept.push({
      finding,
      ...(recommendation && {
        recommendation: `${finding.ruleId}: ${plainText(recommendation, MAX_MESSAGE)}`,
      }),
    });
  }

  report(format: ReportFormat, tool: string, toolVersion?: string): ScanReport {
    const worst = SEVERITIES.flatMap((severity) => this.#kept.get(severity) ?? []).slice(0, this.#most);
    const told = new Set(worst.flatMap(({ recommendation }) => recommendation ?? []));
    return {
      format,
      tool: plainText(tool, MAX_RULE),
      ...(toolVersion !== undefined && { toolVersion: plainText(toolVersion, MAX_RULE) }),
      findings: worst.map(({ finding }) => finding),
      counts: this.#counts,
      suppressed: this.suppressed,
      errors: this.errors,
      recommendations: [...told].slice(0, MAX_RECOMMENDATIONS),
    };
  }
}

/** On one line, and without what steers a terminal or turns the direction of writing: a report quotes hostile code. */
function plainText(text: string, most: number): string {
  const start = text
    .slice(0, most * 2)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return start.length > most || text.length > most * 2 ? `${start.slice(0, most - 1)}…` : start;
}
