// The effects of what the policy says about assessments.
import { type AuditAgentError, auditAssessment, auditReport } from '@audit/agent';
import type { Policy } from '@audit/policy';
import type { Effects } from '../../../policy/test/support/effect.ts';
import { onlyEntry, withLog } from '../support/log.ts';
import { sarifOf } from '../support/reports.ts';
import { withoutRecord } from './failing.ts';

const TYPE = 'security.assessment';
const found = (...levels: readonly string[]) =>
  JSON.stringify(sarifOf(levels.map((level) => ({ ruleId: 'r', level }))));

/** The decision on findings of these levels, or the code of the error. */
const decided =
  (...levels: readonly string[]) =>
  ({ assessor }: Policy) =>
    withLog((log) =>
      auditReport(found(...levels), { log, target: 't', ...assessor }).then(
        ({ decision }) => decision,
        (error: AuditAgentError) => error.code,
      ),
    );

export const assessorEffects: Effects = {
  'integrations.assessor.format': { value: 'bandit', observe: decided('note'), expected: 'REPORT_INVALID' },
  'integrations.assessor.block': { value: 'low', observe: decided('note'), expected: 'block' },
  'integrations.assessor.review': { value: 'low', observe: decided('note'), expected: 'review' },
  'integrations.assessor.findings': {
    value: '1',
    observe: ({ assessor }) =>
      withLog(async (log) => {
        await auditReport(found('note', 'error', 'note'), { log, target: 't', ...assessor });
        const { findings, omitted } = (await onlyEntry(log, TYPE)).data;
        return { findings, omitted };
      }),
    expected: { findings: [{ ruleId: 'r', severity: 'high' }], omitted: 2 },
  },
  'integrations.assessor.report': { value: '10B', observe: decided(), expected: 'REPORT_INVALID' },
  'integrations.assessor.timeout': {
    value: '50ms',
    observe: ({ assessor }) =>
      withLog((log) => {
        const slow = ['-c', 'sleep 1; printf %s "$1"', 'sh', found()];
        return auditAssessment('sh', slow, { log, target: 't', ...assessor }).then(
          ({ decision }) => decision,
          (error: AuditAgentError) => error.code,
        );
      }),
    expected: 'ASSESSMENT_FAILED',
  },
  'integrations.assessor.onFailure': {
    value: 'strict',
    observe: ({ assessor }) =>
      withoutRecord(TYPE, (log) => auditReport(found(), { log, target: 't', ...assessor })),
    expected: 'NOT_RECORDED',
  },
};
