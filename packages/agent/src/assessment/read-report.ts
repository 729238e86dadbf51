// The text of a report as what was found, whichever format it has.
import { oneOf, whole } from '../check.ts';
import { AuditAgentError } from '../errors.ts';
import { isMembers, type Members } from '../members.ts';
import { readBandit } from './bandit.ts';
import { REPORT_FORMATS, type ReportFormat, type ScanReport } from './report.ts';
import { readSarif } from './sarif.ts';
import { readSemgrep } from './semgrep.ts';

/** Findings that are recorded; the others are counted. */
export const DEFAULT_FINDINGS = 50;
/** An entry has room for no more. */
export const MAX_FINDINGS = 100;

export interface ReadReportOptions {
  /** Default `auto`: as the document looks. */
  readonly format?: ReportFormat | 'auto' | undefined;
  /** At most so many findings, the worst. Default `DEFAULT_FINDINGS`. */
  readonly findings?: number | undefined;
}

const READERS: Readonly<Record<ReportFormat, (document: Members, most: number) => ScanReport>> = {
  bandit: readBandit,
  semgrep: readSemgrep,
  sarif: readSarif,
};

/**
 * Reads Bandit JSON, Semgrep JSON or SARIF 2.1.0. Nothing in a report is believed to be of any length or kind: what is too
 * long is cut, what is not of the format is refused with its place.
 *
 * @param text bytes are UTF-8
 * @throws AuditAgentError `REPORT_INVALID`; RangeError naming the option
 */
export function readReport(text: string | Uint8Array, options: ReadReportOptions = {}): ScanReport {
  const { format = 'auto', findings = DEFAULT_FINDINGS } = options;
  oneOf('format', format, ['auto', ...REPORT_FORMATS]);
  whole('findings', findings, 0, MAX_FINDINGS);
  const document = parse(typeof text === 'string' ? text : new TextDecoder().decode(text));
  const found = format === 'auto' ? formatOf(document) : format;
  if (found === 'sarif') checkVersion(document);
  return READERS[found](document, findings);
}

function parse(text: string): Members {
  let document: unknown;
  try {
    // Some tools begin with a byte order mark, which JSON.parse refuses.
    document = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    // What the parser says quotes the text.
    throw new AuditAgentError('REPORT_INVALID', `The report is not JSON: ${text.length} characters.`, {
      cause,
    });
  }
  if (isMembers(document)) return document;
  throw new AuditAgentError('REPORT_INVALID', 'The report is JSON, but no object.');
}

/** Each format has members the others do not have. */
function formatOf(document: Members): ReportFormat {
  if (Array.isArray(document.runs)) return 'sarif';
  if (Array.isArray(document.results)) {
    if (isMembers(document.metrics)) return 'bandit';
    if (isMembers(document.paths)) return 'semgrep';
  }
  throw new AuditAgentError(
    'REPORT_INVALID',
    'The report is neither SARIF (runs), nor Bandit JSON (results and metrics), nor Semgrep JSON (results and paths).',
  );
}

function checkVersion({ version }: Members): void {
  if (version === '2.1.0') return;
  const shown = (JSON.stringify(version) ?? 'missing').slice(0, 80);
  throw new AuditAgentError('REPORT_INVALID', `The report is not SARIF 2.1.0: /version is ${shown}`);
}
