import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AssessmentOptions, auditAssessment, auditReport, auditReportFile } from '@audit/agent';
import { describe, expect, it, onTestFinished } from 'vitest';
import { entriesOf, onlyEntry, withLog } from './support/log.ts';
import { bandit, sarifOf, semgrep } from './support/reports.ts';

const TYPE = 'security.assessment';
const found = (...levels: readonly string[]) =>
  JSON.stringify(sarifOf(levels.map((level) => ({ ruleId: 'r', level }))));

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'audit-agent-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

describe('an assessment', () => {
  it('is an entry with findings, score, recommendations and decision; its level is that of the worst', async () => {
    await withLog(async (log) => {
      const options = {
        log,
        target: 'src',
        toolVersion: '1.8.3',
        data: { commit: 'c0ffee', decision: 'allow' },
      };
      const assessment = await auditReport(JSON.stringify(bandit), options);
      expect(assessment).toMatchObject({ decision: 'block', score: 41.2, target: 'src' });
      const { level, resource, outcome, data } = await onlyEntry(log, TYPE);
      expect([level, resource, outcome]).toEqual(['error', { type: 'code', id: 'src' }, 'success']);
      expect(data).toMatchObject({
        ...{ tool: 'bandit', toolVersion: '1.8.3', target: 'src', decision: 'block', score: 41.2 },
        ...{ findings: assessment.findings, omitted: 0, errors: 1, suppressed: 0, commit: 'c0ffee' },
        counts: { critical: 0, high: 1, medium: 0, low: 1, info: 0 },
        recommendations: assessment.recommendations,
      });
      await auditReport(JSON.stringify(semgrep), { log, target: 'src' });
      expect((await entriesOf(log, TYPE))[1]?.level).toBe('critical');
    });
  });

  it.each<[readonly string[], Partial<AssessmentOptions>, string]>([
    [[], {}, 'allow'],
    [['note'], {}, 'allow'],
    [['warning'], {}, 'review'],
    [['note', 'error'], {}, 'block'],
    [['note'], { block: 'low' }, 'block'],
    [['error'], { block: 'critical' }, 'review'],
    [['error'], { block: 'never', review: 'never' }, 'allow'],
    [['error'], { block: 'never', review: 'low' }, 'review'],
    [['none'], { review: 'info' }, 'review'],
  ])('of findings %j by thresholds %j decides %s', async (levels, thresholds, decision) => {
    await withLog(async (log) => {
      await auditReport(found(...levels), { log, target: 't', ...thresholds });
      expect((await onlyEntry(log, TYPE)).data.decision).toBe(decision);
    });
  });

  it('that is not whole allows nothing', async () => {
    await withLog(async (log) => {
      const report = JSON.stringify({ ...semgrep, results: [] });
      expect(await auditReport(report, { log, target: 't' })).toMatchObject({
        decision: 'review',
        errors: 1,
        score: 0,
      });
    });
  });

  it('of very much is an entry all the same', async () => {
    await withLog(async (log) => {
      const message = { text: '\u00e4'.repeat(1_000) };
      const results = Array.from({ length: 5_000 }, (_, i) => ({ ruleId: `rule-${i}`, message }));
      const assessment = await auditReport(JSON.stringify(sarifOf(results)), {
        log,
        target: 't',
        findings: 100,
      });
      const { data } = await onlyEntry(log, TYPE);
      expect([assessment.findings.length, data.omitted]).toEqual([100, 4_900]);
      expect(data.findings).toHaveLength(100);
    });
  });

  it('that cannot be read blocks, on record', async () => {
    await withLog(async (log) => {
      const failed = auditReport('no report', { log, target: 't', tool: 'lookout' });
      await expect(failed).rejects.toMatchObject({ code: 'REPORT_INVALID' });
      expect(await onlyEntry(log, TYPE)).toMatchObject({
        ...{ outcome: 'failure', level: 'error' },
        data: { decision: 'block', tool: 'lookout', target: 't' },
        error: { code: 'REPORT_INVALID' },
      });
      await expect(auditReport(found('none'), { log, target: 't', report: 10 })).rejects.toThrow(
        /longer than 10 bytes/,
      );
    });
  });

  it('is read from a file, up to a size', async () => {
    const file = join(await folder(), 'report.json');
    await writeFile(file, JSON.stringify(bandit));
    await withLog(async (log) => {
      expect(await auditReportFile(file, { log, target: 'src' })).toMatchObject({ tool: 'bandit' });
      await expect(auditReportFile(file, { log, target: 'src', report: 100 })).rejects.toThrow(
        /longer than 100/,
      );
      await expect(auditReportFile(`${file}.no`, { log, target: 'src' })).rejects.toMatchObject({
        code: 'ASSESSMENT_FAILED',
      });
      expect((await entriesOf(log, TYPE)).map(({ data }) => data?.decision)).toEqual([
        'block',
        'block',
        'block',
      ]);
    });
  });
});

describe('a scanner that is run', () => {
  const printing = (text: string, code: number) => [
    '-c',
    'printf %s "$1"; exit "$2"',
    'sh',
    text,
    String(code),
  ];

  it('is judged by its report, whatever its exit code', async () => {
    await withLog(async (log) => {
      const options = { log, target: 'src', tool: 'lookout' };
      const assessment = await auditAssessment('sh', printing(JSON.stringify(bandit), 1), options);
      expect(assessment).toMatchObject({ decision: 'block', tool: 'lookout' });
      expect((await onlyEntry(log, TYPE)).data).toMatchObject({
        exitCode: 1,
        tool: 'lookout',
        format: 'bandit',
      });
    });
  });

  it('may write its report to a file, and reads its input', async () => {
    const cwd = await folder();
    await withLog(async (log) => {
      const reportFile = join(cwd, 'out.json');
      const scanner = ['-c', 'cat > out.json; echo scanning'];
      const options = { log, target: 'src', cwd, reportFile, input: found('error') };
      expect(await auditAssessment('sh', scanner, options)).toMatchObject({
        tool: 'Lookout',
        decision: 'block',
      });
    });
  });

  it('that gives none, is not there, or takes too long, blocks', async () => {
    await withLog(async (log) => {
      const options = { log, target: 'src' };
      await expect(auditAssessment('sh', ['-c', 'echo no rules >&2; exit 2'], options)).rejects.toThrow(
        'sh gave no report and exit code 2: no rules',
      );
      await expect(auditAssessment('no-such-scanner', [], options)).rejects.toMatchObject({
        code: 'NOT_STARTED',
      });
      await expect(auditAssessment('sleep', ['1000'], { ...options, timeout: 50 })).rejects.toThrow(
        /longer than 50 ms/,
      );
      await expect(auditAssessment('yes', [], { ...options, report: 1_000 })).rejects.toThrow(
        /more than 1000 bytes/,
      );
      await expect(auditAssessment('sh', ['-c', 'kill -9 $$'], options)).rejects.toThrow(/ended by SIGKILL/);
      const entries = await entriesOf(log, TYPE);
      expect(entries.map(({ data, outcome }) => [data?.decision, outcome])).toEqual(
        Array.from({ length: 5 }, () => ['block', 'failure']),
      );
    });
  });

  it('strict, does not run where that cannot be recorded', async () => {
    const cwd = await folder();
    await withLog(async (log) => {
      log.use((event, next) => {
        if (event.type !== TYPE) next(event);
      });
      const refused = auditAssessment('touch', ['ran'], { log, target: 't', cwd, onFailure: 'strict' });
      await expect(refused).rejects.toMatchObject({ code: 'NOT_RECORDED' });
      await expect(writeFile(join(cwd, 'ran'), '', { flag: 'wx' })).resolves.toBeUndefined();
    });
  });
});

it('what is no option, or not of its type, is refused by name', async () => {
  await withLog(async (log) => {
    const wrong: readonly [object, RegExp][] = [
      [{}, /options\.target must be a text/],
      [{ target: 't', blok: 'high' }, /options\.blok is not an option/],
      [{ target: 't', block: 'awful' }, /options\.block must be one of critical, high/],
      [
        { target: 't', block: 'high', review: 'critical' },
        /options\.review is critical, and high blocks already/,
      ],
      [{ target: 't', findings: 101 }, /options\.findings must be a whole number from 0 to 100/],
    ];
    for (const [options, message] of wrong) {
      expect(() => auditReport('{}', { log, ...options } as AssessmentOptions)).toThrow(message);
    }
  });
});
