// The report of a verification that never began: the same shape, so that whoever reads it needs no second one.
import type { FindingCode, VerifyReport } from '@audit/core';

/** Verdict `unverifiable`, nothing checked, one finding that says why. */
export function uncheckedReport(code: FindingCode, message: string): VerifyReport {
  return {
    verdict: 'unverifiable',
    size: 0,
    entriesChecked: 0,
    firstBadSeq: null,
    findings: [{ code, seq: null, message }],
    keys: [],
    checkpoint: null,
  };
}
