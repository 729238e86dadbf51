// Where an entry comes from: of which engine, of which moment, told by whom; and the id that follows from it.
import { createHash } from 'node:crypto';
import { dateOfNano, formatNano } from '../stream/nanoseconds.ts';

export interface EngineRef {
  /** Tells engines apart, also those of one host. */
  readonly key: string;
  readonly name: string;
}

/** The engine's own message, what lists and inspections showed after a gap, or what was measured. */
export type SeenBy = 'event' | 'reconciliation' | 'sample';

export interface Origin {
  readonly engine: EngineRef;
  readonly seenBy: SeenBy;
  /** When it happened by the engine's clock; null where nobody can tell. */
  readonly timeNano: bigint | null;
  /** Same for the same happening, other for any other: `messageKey`, or what stands in for it. */
  readonly key: string;
}

/** `data.engine` of every entry of this package. */
export interface EngineData {
  readonly id: string;
  readonly name: string;
  readonly seenBy: SeenBy;
  /** Seconds and nanoseconds, since a number cannot hold them. */
  readonly timeNano?: string;
}

/**
 * The id follows from the happening alone, so that one that is read twice is one entry. 160 bits of SHA-256: nobody
 * can make two that meet.
 */
export function entryId(engine: EngineRef, key: string): string {
  return `docker:${createHash('sha256').update(`${engine.key}\n${key}`).digest('hex').slice(0, 40)}`;
}

export function provenance({ engine, seenBy, timeNano, key }: Origin) {
  const data: EngineData = {
    id: engine.key,
    name: engine.name,
    seenBy,
    ...(timeNano !== null && { timeNano: formatNano(timeNano) }),
  };
  return {
    id: entryId(engine, key),
    ...(timeNano !== null && { occurredAt: dateOfNano(timeNano) }),
    data: { engine: data },
  };
}
