import { AuditAgentError, readReport } from '@audit/agent';
import { describe, expect, it } from 'vitest';
import { bandit, sarif, sarifOf, semgrep } from './support/reports.ts';

const read = (document: unknown, options = {}) => readReport(JSON.stringify(document), options);

describe('the report of', () => {
  it('Bandit is read: the worst first, without the code', () => {
    const report = read(bandit);
    expect(report).toEqual({
      ...{ format: 'bandit', tool: 'bandit', suppressed: 0, errors: 1 },
      findings: [
        {
          ...{ ruleId: 'B602', severity: 'high', file: 'shop/run.py', line: 9 },
          message: 'A process is started by a shell.',
        },
        {
          ...{ ruleId: 'B404', severity: 'low', file: 'shop/run.py', line: 4 },
          message: 'Consider possible security implications of this module.',
        },
      ],
      counts: { critical: 0, high: 1, medium: 0, low: 1, info: 0 },
      recommendations: ['B602: https://bandit.example/b602', 'B404: https://bandit.example/b404'],
    });
    expect(JSON.stringify(report)).not.toContain('s3cr3t');
  });

  it('Semgrep is read, with what it says of itself', () => {
    const report = read(semgrep);
    expect(report).toMatchObject({
      ...{ format: 'semgrep', tool: 'semgrep', toolVersion: '1.99.0', suppressed: 1, errors: 1 },
      counts: { critical: 1, high: 1, medium: 1, low: 1, info: 0 },
    });
    expect(report.findings.map(({ ruleId, severity, line }) => [ruleId, severity, line])).toEqual([
      ['js.sqli', 'critical', 30],
      ['js.eval', 'high', 7],
      ['js.regex', 'medium', 12],
      ['js.console', 'low', 13],
    ]);
    expect(report.recommendations[0]).toBe('js.sqli: https://semgrep.example/js.sqli');
    expect(JSON.stringify(report)).not.toContain('s3cr3t');
  });

  it('any SARIF tool is read: rules by index and id, levels of rules and results, what is no finding', () => {
    const report = read(sarif);
    expect(report).toMatchObject({
      ...{ format: 'sarif', tool: 'Lookout', toolVersion: '3.1.4', suppressed: 1, errors: 1 },
      counts: { critical: 1, high: 2, medium: 2, low: 1, info: 1 },
    });
    expect(report.findings).toEqual([
      { ruleId: 'LK2', severity: 'critical', file: 'lib/a.c', message: 'Injection' },
      {
        ruleId: 'LK1',
        severity: 'high',
        file: 'lib/b.c',
        line: 8,
        message: 'The name n is read from stdin.',
      },
      { ruleId: 'LK1', severity: 'high', message: 'Not accepted' },
      { ruleId: 'LK3', severity: 'medium', message: 'A note, raised' },
      { ruleId: 'unheard-of', severity: 'medium', message: 'No rule is there' },
      { ruleId: 'LK3/deep', severity: 'low', message: 'A note' },
      { ruleId: 'EX1', severity: 'info', message: 'Of an extension' },
    ]);
    expect(report.recommendations).toEqual(['LK2: Quote it.', 'LK1: https://lookout.example/LK1']);
  });

  it('a SARIF run without results, or one that failed, is not whole', () => {
    const run = (more: object) =>
      read({ version: '2.1.0', runs: [{ tool: { driver: { name: 'L' } }, ...more }] });
    expect(run({}).errors).toBe(1);
    expect(run({ results: [], invocations: [{ executionSuccessful: false }] }).errors).toBe(1);
    expect(run({ results: [] }).errors).toBe(0);
    expect(read({ version: '2.1.0', runs: [] })).toMatchObject({ tool: 'unknown', errors: 0 });
  });

  it.each([
    ['9.0', 'critical'],
    ['7', 'high'],
    ['4.5', 'medium'],
    ['0.1', 'low'],
    ['0', 'info'],
    ['eleven', 'low'],
    ['11', 'low'],
    ['', 'low'],
  ])('a rule with security-severity %j is %s', (score, severity) => {
    const rule = {
      id: 'r',
      defaultConfiguration: { level: 'note' },
      properties: { 'security-severity': score },
    };
    expect(read(sarifOf([{ ruleId: 'r' }], [rule])).findings[0]?.severity).toBe(severity);
  });
});

describe('what is no report is refused, and it is said why:', () => {
  const one = (result: unknown) => ({ ...bandit, results: [result] });
  it.each([
    ['', 'The report is not JSON: 0 characters.'],
    ['Traceback (most recent call last):', 'The report is not JSON: 34 characters.'],
    ['[]', 'The report is JSON, but no object.'],
    ['{}', /neither SARIF \(runs\), nor Bandit JSON/],
    ['{"results":[]}', /neither SARIF/],
    [JSON.stringify({ ...sarif, version: '2.0.0' }), 'The report is not SARIF 2.1.0: /version is "2.0.0"'],
    [JSON.stringify(one(7)), 'The report is not Bandit JSON: /results/0 must be an object; it is 7'],
    [JSON.stringify(one({})), '/results/0/test_id must be a text; it is missing'],
    [
      JSON.stringify(one({ test_id: 'B1', issue_severity: 'AWFUL' })),
      '/results/0/issue_severity must be one of HIGH, MEDIUM, LOW, UNDEFINED; it is "AWFUL"',
    ],
    [JSON.stringify(one({ test_id: 'B1', issue_severity: 'toString' })), 'it is "toString"'],
    [JSON.stringify({ ...semgrep, results: [{ check_id: 'a' }] }), '/results/0/extra must be an object'],
    [JSON.stringify(sarifOf([{ level: 'awful' }])), '/runs/0/results/0/level must be one of error, warning'],
    [JSON.stringify(sarifOf([{ kind: 'awful' }])), '/runs/0/results/0/kind must be one of fail, open'],
    [
      JSON.stringify({ version: '2.1.0', runs: [{ results: [] }] }),
      '/runs/0/tool/driver/name must be a text',
    ],
    [
      JSON.stringify({ version: '2.1.0', runs: [{ results: {} }] }),
      '/runs/0/results must be a list; it is {}',
    ],
  ])('%.40s', (text, message) => {
    expect(() => readReport(text)).toThrow(message);
    expect(() => readReport(text)).toThrow(AuditAgentError);
  });

  it('a report of another format than the one that is asked for', () => {
    expect(() => read(bandit, { format: 'sarif' })).toThrow(
      'The report is not SARIF 2.1.0: /version is missing',
    );
    expect(() => read(sarif, { format: 'bandit' })).toThrow('/results must be a list; it is missing');
    expect(() => read(sarif, { format: 'xml' })).toThrow(/options\.format must be one of auto, bandit/);
  });
});

describe('a hostile report', () => {
  it('of very many findings is read to its end, counted, and kept in part: the worst', () => {
    const results = Array.from({ length: 300_000 }, (_, i) => ({
      ...{ ruleId: `r${i}`, level: i % 2 === 0 ? 'note' : 'warning', message: { text: 'x' } },
    }));
    const report = read(sarifOf([...results, { ruleId: 'last', level: 'error' }]), { findings: 3 });
    expect(report.counts).toEqual({ critical: 0, high: 1, medium: 150_000, low: 150_000, info: 0 });
    expect(report.findings.map(({ ruleId }) => ruleId)).toEqual(['last', 'r1', 'r3']);
  });

  it('steers no terminal, hides no direction, and fills no entry', () => {
    const message = {
      text: `\u001b[2J\u001b]0;gone\u0007 a\u202eb\r\nc${'\u0000'.repeat(10)}${'z'.repeat(1_000_000)}`,
    };
    const [finding] = read(sarifOf([{ ruleId: 'q'.repeat(100_000), message }])).findings;
    expect(finding?.message).toMatch(/^\[2J \]0;gone {2}a b c z+…$/);
    expect(finding?.message).toHaveLength(256);
    expect(finding?.ruleId).toHaveLength(128);
  });

  it('with members that are called like those of objects is data, too', () => {
    const text = `{"__proto__":{"polluted":1},"metrics":{},"results":[{"test_id":"__proto__","issue_severity":"LOW",
      "constructor":1,"filename":{"a":1},"line_number":-4,"issue_text":["x"]}]}`;
    expect(readReport(text).findings).toEqual([{ ruleId: '__proto__', severity: 'low' }]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    const id = 'hasOwnProperty';
    expect(
      read(sarifOf([{ ruleId: 'r', message: { id } }], [{ id: 'r', messageStrings: {} }])).findings,
    ).toEqual([{ ruleId: 'r', severity: 'medium' }]);
  });

  it('that is nested without end is refused or read, and nothing more', () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    expect(() => readReport(deep)).toThrow(AuditAgentError);
    expect(readReport(`{"metrics":{},"results":[],"errors":[${deep}]}`).errors).toBe(1);
  });

  it('whose message refers to itself is not blown up', () => {
    const message = { text: '{0}'.repeat(100_000), arguments: ['y'.repeat(100_000)] };
    expect(read(sarifOf([{ ruleId: 'r', message }])).findings[0]?.message).toHaveLength(256);
  });

  it('with an index into nothing, or a rule id of slashes, has no rule', () => {
    const results = [
      { ruleIndex: -1, ruleId: 'r' },
      { ruleIndex: 1e9, ruleId: '/'.repeat(100_000) },
      { ruleIndex: 'length', rule: { toolComponent: { index: 'x' } } },
    ];
    expect(read(sarifOf(results)).counts.medium).toBe(3);
  });
});

it('a byte order mark and bytes are no hindrance', () => {
  expect(readReport(`\uFEFF${JSON.stringify(bandit)}`).format).toBe('bandit');
  expect(readReport(Buffer.from(JSON.stringify(semgrep))).format).toBe('semgrep');
});
