// What `log.verify` says of a verification: the verdict, how much was read, and what was found.
import type { Level, Outcome } from '../event/model.ts';
import { FINDING_VERDICTS, type Verdict, type VerifyReport } from '../verify/report.ts';

/** The entries that were to be read; open ends mean all. */
export interface VerifiedPeriod {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export const VERDICT_LEVELS: Readonly<Record<Verdict, Level>> = {
  intact: 'info',
  unverifiable: 'error',
  tampered: 'critical',
};

export const VERDICT_OUTCOMES: Readonly<Record<Verdict, Outcome>> = {
  intact: 'success',
  unverifiable: 'unknown',
  tampered: 'failure',
};

/** Findings one entry names; those beyond are counted. */
export const MAX_TOLD_FINDINGS = 20;

/** Only findings that are held against the log: what it has told of itself it need not tell once more. */
export function verdictData(
  report: VerifyReport,
  { from, to }: VerifiedPeriod,
): Readonly<Record<string, unknown>> {
  const { verdict, size, entriesChecked, firstBadSeq } = report;
  const held = report.findings.filter(
    ({ code, verdict: own }) => (own ?? FINDING_VERDICTS[code]) !== 'intact',
  );
  const told = held.slice(0, MAX_TOLD_FINDINGS).map(({ code, seq, message }) => ({ code, seq, message }));
  return {
    ...{ verdict, size, entriesChecked, from, to },
    ...(firstBadSeq !== null && { firstBadSeq }),
    ...(told.length > 0 && { findings: told }),
    ...(held.length > told.length && { findingsOmitted: held.length - told.length }),
  };
}
