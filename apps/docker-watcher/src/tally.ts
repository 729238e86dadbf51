// Counts what the metrics tell of entries: by engine and type, and violations by what ran out.
import type { AuditLog, Entry } from '@audit/core';
import { engineOf } from './entry-line.ts';

export interface Tally {
  /** Entries about Docker, by engine and type. */
  readonly entries: readonly (readonly [engine: string, type: string, count: number])[];
  /** Violations that opened, by engine and what ran out. */
  readonly violations: readonly (readonly [engine: string, resource: string, count: number])[];
  /** Stops counting. */
  stop(): void;
}

/** Counts from now on. */
export function tallyOf(log: Pick<AuditLog, 'on'>): Tally {
  const entries = new Map<string, Map<string, number>>();
  const violations = new Map<string, Map<string, number>>();
  const stop = log.on('entry', ({ entry }) => {
    const engine = engineOf(entry.data);
    if (engine === '') return;
    count(entries, engine, entry.type);
    if (opensViolation(entry)) count(violations, engine, String(entry.data?.resource));
  });
  return {
    get entries() {
      return rows(entries);
    },
    get violations() {
      return rows(violations);
    },
    stop,
  };
}

function opensViolation({ type, data }: Entry): boolean {
  return type === 'resource.violation' && data?.phase === 'opened';
}

function count(counts: Map<string, Map<string, number>>, engine: string, name: string): void {
  const own = counts.get(engine) ?? new Map<string, number>();
  counts.set(engine, own.set(name, (own.get(name) ?? 0) + 1));
}

function rows(
  counts: ReadonlyMap<string, ReadonlyMap<string, number>>,
): (readonly [string, string, number])[] {
  return [...counts].flatMap(([engine, own]) =>
    [...own].map(([name, value]) => [engine, name, value] as const),
  );
}
