// Waits for and reads what requests leave in the log.
import type { AuditLog, Entry } from '@audit/core';

/** A request is in the log a moment after its answer; this is far longer than a moment. */
const RECORDED_WITHIN_MS = 30_000;

/** Resolves once `count` more entries of the services are in the log. */
export function entriesRecorded(log: AuditLog, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = 0;
    const unsubscribe = log.on('entry', ({ entry }) => {
      if (!isOfServices(entry) || ++seen < count) return;
      clearTimeout(timer);
      unsubscribe();
      resolve();
    });
    const timer = setTimeout(() => {
      unsubscribe();
      reject(new Error(`only ${seen} of ${count} entries were recorded`));
    }, RECORDED_WITHIN_MS).unref();
  });
}

/** Entries of the services from `from` on, those included that were handed to the log but are not yet written. */
export async function serviceEntries(log: AuditLog, from: number): Promise<Entry[]> {
  await log.flush();
  const entries: Entry[] = [];
  for await (const entry of log.entries({ from })) {
    if (isOfServices(entry)) entries.push(entry);
  }
  return entries;
}

/** All but those about the log itself, and what runs beside it: its disk, its maintenance. */
function isOfServices({ type }: Entry): boolean {
  return !/^(?:alert|log|performance|system)\./.test(type);
}
