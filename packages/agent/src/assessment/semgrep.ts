// Semgrep's JSON (`semgrep scan --json`), as its semgrep_output_v1 has it.
import type { Severity } from '@audit/core';
import { listAt, listIn, type Members, membersAt, membersIn, textAt, textIn, wordAt } from '../members.ts';
import { Findings, type ScanReport } from './report.ts';

const FORMAT = 'Semgrep JSON';

/** Rules say it in the first or in the second way. */
const SEVERITIES_OF: Readonly<Record<string, Severity>> = {
  ERROR: 'high',
  WARNING: 'medium',
  INFO: 'low',
  CRITICAL: 'critical',
  HIGH: 'high',
  MEDIUM: 'medium',
  LOW: 'low',
  EXPERIMENT: 'info',
  INVENTORY: 'info',
};

/** `extra.lines`, the code that was found, is left: it may hold what nobody wants in a log. */
export function readSemgrep(document: Members, most: number): ScanReport {
  const findings = new Findings(most);
  listAt(document.results, '/results', FORMAT).forEach((item, i) => {
    const at = `/results/${i}`;
    const result = membersAt(item, at, FORMAT);
    const extra = membersAt(result.extra, `${at}/extra`, FORMAT);
    const severity = wordAt(extra.severity, SEVERITIES_OF, `${at}/extra/severity`, FORMAT);
    const ruleId = textAt(result.check_id, `${at}/check_id`, FORMAT);
    // `nosemgrep` in the code.
    if (extra.is_ignored === true) {
      findings.suppressed++;
      return;
    }
    const [reference] = listIn(membersIn(extra, 'metadata'), 'references');
    findings.add({
      ruleId,
      severity,
      file: textIn(result, 'path'),
      line: membersIn(result, 'start').line,
      message: textIn(extra, 'message'),
      recommendation: typeof reference === 'string' ? reference : undefined,
    });
  });
  // Of level warn are files that were read in part, which is usual.
  findings.errors = listIn(document, 'errors').filter((error) => textIn(error, 'level') === 'error').length;
  return findings.report('semgrep', 'semgrep', textIn(document, 'version'));
}
