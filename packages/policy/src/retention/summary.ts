// What is in a segment, as far as retention goes by it. Sealed segments never change, so each is read once.
import { AuditError, type AuditLog, type StoredSegment } from '@audit/core';
import type { Kind } from './rules.ts';

/** Entries of one kind, and the times of the first and the last of them in milliseconds since the epoch. */
export interface KindSummary extends Kind {
  first: number;
  last: number;
}

export type SegmentSummary = readonly KindSummary[];

type Readable = Pick<AuditLog, 'entries'>;

/** Summaries of one log, by the first entry of the segment. Goes with the log. */
const remembered = new WeakMap<Readable, Map<number, SegmentSummary>>();

/** @throws AuditError `LOG_DAMAGED` entries are missing: nothing may be decided by the rest */
export async function summarize(
  log: Readable,
  { name, first, entries }: StoredSegment,
): Promise<SegmentSummary> {
  const known = remembered.get(log) ?? new Map<number, SegmentSummary>();
  remembered.set(log, known);
  const found = known.get(first);
  if (found !== undefined) return found;
  const kinds = new Map<string, KindSummary>();
  let count = 0;
  for await (const { type, category, level, time } of log.entries({ from: first, to: first + entries })) {
    count++;
    const at = Date.parse(time);
    const key = `${type} ${category} ${level}`;
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, { type, category, level, first: at, last: at });
    else {
      kind.first = Math.min(kind.first, at);
      kind.last = Math.max(kind.last, at);
    }
  }
  if (count !== entries) {
    throw new AuditError('LOG_DAMAGED', `${name} holds ${count} of ${entries} entries: run audit verify.`);
  }
  const summary = [...kinds.values()];
  known.set(first, summary);
  return summary;
}

/** What was pruned is not asked for again. */
export function forgetBefore(log: Readable, first: number): void {
  const known = remembered.get(log);
  for (const start of known?.keys() ?? []) if (start < first) known?.delete(start);
}
