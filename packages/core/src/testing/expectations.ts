// What tests ask of a log. Plain functions that throw: any test runner will do.
import type { Entry } from '../event/model.ts';
import type { AuditLog } from '../log/types.ts';

/** Part of an entry: every field given must be there and equal; objects are compared in part, arrays in whole. */
export type PartialEntry = { readonly [K in keyof Entry]?: unknown };

/** The first entry that has all of `partial`; waits for what was emitted before. */
export async function findEntry(log: AuditLog, partial: PartialEntry): Promise<Entry | undefined> {
  await log.flush();
  for await (const entry of log.entries()) {
    if (contains(entry, partial)) return entry;
  }
  return undefined;
}

/** The same, but throws where there is none, and shows what there is. */
export async function assertRecorded(log: AuditLog, partial: PartialEntry): Promise<Entry> {
  const found = await findEntry(log, partial);
  if (found !== undefined) return found;
  const shown: string[] = [];
  for await (const { seq, type, operation, outcome } of log.entries()) {
    shown.push(`  ${seq} ${type} ${operation} ${outcome}`);
  }
  throw new Error(`No entry contains ${JSON.stringify(partial)}. The log holds:\n${shown.join('\n')}`);
}

/** Verifies every entry, the chain, the tree and the signature; throws the findings where the log is not intact. */
export async function assertIntact(log: AuditLog): Promise<void> {
  await log.flush();
  const { verdict, findings, size, entriesChecked } = await log.verify();
  if (verdict === 'intact' && entriesChecked === size) return;
  const told = findings.map(({ code, seq, message }) => `  ${code} at ${JSON.stringify(seq)}: ${message}`);
  throw new Error(`The log is ${verdict}, ${entriesChecked} of ${size} entries checked.\n${told.join('\n')}`);
}

function contains(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected);
  if (typeof actual !== 'object' || actual === null) return false;
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item, i) => contains(actual[i], item))
    );
  }
  return Object.entries(expected).every(([key, value]) =>
    contains((actual as Record<string, unknown>)[key], value),
  );
}
