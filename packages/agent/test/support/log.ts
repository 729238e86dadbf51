// A log for each test, verified when the test has passed, and what it holds.
import type { AuditLog, AuditLogOptions, Entry } from '@audit/core';
import { assertIntact, createTestLog, type TestLogOptions } from '@audit/core/testing';

/** Lends a log to `use`, and verifies it after that. */
export async function withLog<T>(
  use: (log: AuditLog) => Promise<T>,
  options: TestLogOptions & Pick<AuditLogOptions, 'privacy'> = {},
): Promise<T> {
  const log = await createTestLog(options);
  try {
    const value = await use(log);
    await assertIntact(log);
    return value;
  } finally {
    await log.close();
  }
}

/** Entries of this type, in order. */
export async function entriesOf(log: AuditLog, type: string): Promise<readonly Entry[]> {
  await log.flush();
  const found: Entry[] = [];
  for await (const entry of log.entries({ type })) found.push(entry);
  return found;
}

/** The only entry of this type; what it must hold is for the test to say. */
export async function onlyEntry(
  log: AuditLog,
  type: string,
): Promise<Entry & { data: Record<string, unknown> }> {
  const found = await entriesOf(log, type);
  if (found.length !== 1) throw new Error(`${found.length} entries of ${type}, not one`);
  return found[0] as Entry & { data: Record<string, unknown> };
}
