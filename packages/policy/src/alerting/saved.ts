// What alerting knew before a restart, as the records of its journal say it.
import type { JournalRecord } from './journal.ts';
import type { OutboxRecord } from './outbox.ts';
import type { Withheld } from './rule.ts';
import type { ToldRecord } from './rules.ts';

/** First in the file. */
export interface HeadRecord {
  /** Its origin: the private side belongs to one log. */
  readonly log: string;
  /** When alerting began to look at it, in milliseconds since the epoch. */
  readonly since: number;
}

/** Last in each line: the place in the log. */
export interface PlaceRecord {
  /** Sequence number of the next entry to look at. */
  readonly next: number;
  /** Of the entry before it, or when there was none yet; milliseconds since the epoch. */
  readonly time: number;
  readonly withheld: Readonly<Record<string, Withheld>>;
}

export interface Saved {
  readonly since: number;
  readonly place: PlaceRecord;
  readonly told: readonly ToldRecord[];
  readonly outbox: readonly OutboxRecord[];
}

/** @throws Error where they are of another log */
export function readSaved(records: readonly JournalRecord[], origin: string, beginning: PlaceRecord): Saved {
  let since: number = beginning.time;
  let place = beginning;
  const told: ToldRecord[] = [];
  const outbox: OutboxRecord[] = [];
  for (const record of records) {
    if ('log' in record) {
      const head = record as HeadRecord;
      if (head.log !== origin) {
        throw new Error(
          `stateDirectory holds the alerts of the log ${head.log}, not of ${origin}: give each log its own.`,
        );
      }
      since = head.since;
    } else if ('next' in record) place = record as PlaceRecord;
    else if ('told' in record) told.push(record.told as ToldRecord);
    else outbox.push(record as OutboxRecord);
  }
  return { since, place, told, outbox };
}
