// What verification says of the log, as one of the doctor's checks.
import { FINDING_VERDICTS, type FindingCode, type VerifyReport } from '@audit/core';
import { counted, entryCount } from '../render/quantity.ts';
import { bad, type Check, ok, warn } from './check.ts';

/** Findings an intact log can have, and what mends each. */
const REMEDIES: Partial<Readonly<Record<FindingCode, string>>> = {
  'tree-mismatch': 'Opening the log for writing rebuilds its tree from the entries.',
  'slot-torn': 'The next open goes on from the other slot and records it.',
};

export function checkReport(report: VerifyReport): Check {
  const name = 'verification';
  const codes = [...new Set(report.findings.map(({ code }) => code))];
  if (report.verdict === 'tampered') {
    return bad(
      name,
      `The log was tampered with: ${codes.join(', ')}.`,
      'Keep the directory as it is, as evidence. audit verify says which entries; go on with a new log under a new origin.',
    );
  }
  if (report.verdict === 'unverifiable') {
    const why = report.findings.find(({ code }) => FINDING_VERDICTS[code] === 'unverifiable')?.message;
    return bad(
      name,
      why ?? 'The log could not be verified.',
      'Give its verifier key with --key, or restore what is missing.',
    );
  }
  const mendable = codes.find((code) => REMEDIES[code] !== undefined);
  if (mendable !== undefined) {
    return warn(name, `Intact at ${entryCount(report.size)}, with ${mendable}.`, REMEDIES[mendable]!);
  }
  const told =
    codes.length === 0 ? '' : `; ${counted(report.findings.length, 'finding')} told by audit verify`;
  const pinned = report.keys.some((key) => key.pinned) ? '' : ', by the key it carries itself';
  return ok(name, `Intact at ${entryCount(report.size)}${pinned}${told}.`);
}
