// Bandit's JSON (`bandit --format json`): results, errors, metrics. It does not say which version of Bandit wrote it.
import type { Severity } from '@audit/core';
import { listAt, listIn, type Members, membersAt, textAt, textIn, wordAt } from '../members.ts';
import { Findings, type ScanReport } from './report.ts';

const FORMAT = 'Bandit JSON';

const SEVERITIES_OF: Readonly<Record<string, Severity>> = {
  HIGH: 'high',
  MEDIUM: 'medium',
  LOW: 'low',
  UNDEFINED: 'info',
};

/** `code`, the lines around a finding, is left: it may hold what nobody wants in a log. */
export function readBandit(document: Members, most: number): ScanReport {
  const findings = new Findings(most);
  listAt(document.results, '/results', FORMAT).forEach((item, i) => {
    const at = `/results/${i}`;
    const result = membersAt(item, at, FORMAT);
    findings.add({
      ruleId: textAt(result.test_id, `${at}/test_id`, FORMAT),
      severity: wordAt(result.issue_severity, SEVERITIES_OF, `${at}/issue_severity`, FORMAT),
      file: textIn(result, 'filename'),
      line: result.line_number,
      message: textIn(result, 'issue_text'),
      recommendation: textIn(result, 'more_info'),
    });
  });
  findings.errors = listIn(document, 'errors').length;
  return findings.report('bandit', 'bandit');
}
