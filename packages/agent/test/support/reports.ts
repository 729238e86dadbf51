// Reports of scanners, written after the formats as they are published.

export const bandit = {
  errors: [{ filename: 'shop/broken.py', reason: 'syntax error while parsing AST from file' }],
  generated_at: '2026-03-01T10:00:00Z',
  metrics: { _totals: { loc: 120, nosec: 1, 'SEVERITY.HIGH': 1, 'SEVERITY.LOW': 1, 'SEVERITY.MEDIUM': 0 } },
  results: [
    {
      code: '4 import subprocess\n',
      ...{ col_offset: 0, end_col_offset: 17, line_number: 4, line_range: [4] },
      filename: 'shop/run.py',
      issue_confidence: 'HIGH',
      issue_cwe: { id: 78, link: 'https://cwe.mitre.org/data/definitions/78.html' },
      issue_severity: 'LOW',
      issue_text: 'Consider possible security implications of this module.',
      more_info: 'https://bandit.example/b404',
      ...{ test_id: 'B404', test_name: 'blacklist' },
    },
    {
      code: '9 subprocess.run(command, shell=True, env={"TOKEN": "s3cr3t-in-the-code"})\n',
      ...{ col_offset: 4, end_col_offset: 60, line_number: 9, line_range: [9] },
      filename: 'shop/run.py',
      issue_confidence: 'HIGH',
      issue_cwe: { id: 78, link: 'https://cwe.mitre.org/data/definitions/78.html' },
      issue_severity: 'HIGH',
      issue_text: 'A process is started by a shell.',
      more_info: 'https://bandit.example/b602',
      ...{ test_id: 'B602', test_name: 'subprocess_popen_with_shell_equals_true' },
    },
  ],
};

const semgrepResult = (rule: string, severity: string, line: number, more: object = {}) => ({
  check_id: rule,
  path: 'src/cart.ts',
  start: { line, col: 3, offset: 40 },
  end: { line, col: 20, offset: 57 },
  extra: {
    ...{
      message: `Found by ${rule}`,
      severity,
      fingerprint: 'f0',
      lines: 'const key = "s3cr3t-in-the-code"',
    },
    metadata: { references: [`https://semgrep.example/${rule}`], category: 'security' },
    ...{ engine_kind: 'OSS', validation_state: 'NO_VALIDATOR' },
    ...more,
  },
});

export const semgrep = {
  version: '1.99.0',
  results: [
    semgrepResult('js.eval', 'ERROR', 7),
    semgrepResult('js.regex', 'WARNING', 12),
    semgrepResult('js.console', 'INFO', 13),
    semgrepResult('js.sqli', 'CRITICAL', 30),
    semgrepResult('js.accepted', 'ERROR', 31, { is_ignored: true }),
  ],
  errors: [
    { code: 3, level: 'warn', type: 'PartialParsing', message: 'read in part', path: 'src/odd.ts' },
    { code: 2, level: 'error', type: 'Timeout', message: 'took too long', path: 'src/huge.ts' },
  ],
  paths: { scanned: ['src/cart.ts'], skipped: [] },
  skipped_rules: [],
};

const sarifPlace = (uri: string, startLine: number) => [
  { physicalLocation: { artifactLocation: { uri }, region: { startLine } } },
];

export const sarif = {
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: {
          ...{ name: 'Lookout', version: '3.1', semanticVersion: '3.1.4' },
          rules: [
            {
              id: 'LK1',
              helpUri: 'https://lookout.example/LK1',
              defaultConfiguration: { level: 'error' },
              messageStrings: { default: { text: 'The name {0} is read from {1}.' } },
            },
            { id: 'LK2', properties: { 'security-severity': '9.8' }, help: { text: 'Quote it.' } },
            { id: 'LK3', defaultConfiguration: { level: 'note' } },
          ],
        },
        extensions: [{ name: 'more', rules: [{ id: 'EX1', defaultConfiguration: { level: 'none' } }] }],
      },
      artifacts: [{ location: { uri: 'lib/a.c' } }],
      results: [
        {
          ruleId: 'LK1',
          message: { id: 'default', arguments: ['n', 'stdin'] },
          locations: sarifPlace('lib/b.c', 8),
        },
        {
          ruleIndex: 1,
          message: { text: 'Injection' },
          locations: [{ physicalLocation: { artifactLocation: { index: 0 } } }],
        },
        { ruleId: 'LK3/deep', message: { text: 'A note' } },
        { ruleId: 'LK3', level: 'warning', message: { text: 'A note, raised' } },
        { rule: { id: 'EX1', index: 0, toolComponent: { index: 0 } }, message: { text: 'Of an extension' } },
        { ruleId: 'unheard-of', message: { text: 'No rule is there' } },
        { ruleId: 'LK1', kind: 'pass', message: { text: 'All is well' } },
        { ruleId: 'LK1', baselineState: 'absent', message: { text: 'It was there' } },
        { ruleId: 'LK1', suppressions: [{ kind: 'inSource' }], message: { text: 'Accepted' } },
        {
          ruleId: 'LK1',
          suppressions: [{ kind: 'external', status: 'rejected' }],
          message: { text: 'Not accepted' },
        },
      ],
      invocations: [
        {
          executionSuccessful: true,
          toolExecutionNotifications: [{ level: 'error', message: { text: 'x' } }],
        },
      ],
    },
  ],
};

/** A SARIF document with these results and nothing else. */
export const sarifOf = (results: readonly unknown[], rules: readonly unknown[] = []) => ({
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 'Lookout', rules } }, results }],
});
