// `--from` and `--to`: sequence numbers, or times that are looked up in the log.
import { type LogReader, readTime } from '@audit/core/internal';
import { CommandError } from '../exit.ts';
import { wholeNumber } from './number.ts';

/** Entries `from` ≤ seq < `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const DATE_LENGTH = '2026-11-22'.length;

/**
 * The part of the log to check; undefined where all of it is. Entries at the time `--to` and after are not wanted.
 *
 * Times are read from entries nobody has checked yet: whoever changed the time of an entry could move it out of the
 * part that is checked. So the part takes in one more entry on either side. These are checked with the rest, and as
 * the time of a genuine log never decreases, their times stand for all before and after them. (Where the log
 * recorded a step of the clock, `log.clock`, sequence numbers are the exact way.)
 */
export async function readRange(
  reader: LogReader,
  options: { readonly from?: string; readonly to?: string },
): Promise<Range | undefined> {
  if (options.from === undefined && options.to === undefined) return undefined;
  const size = (await reader.head())?.size ?? 0;
  const from = await start(reader, options.from, size);
  const to = await end(reader, options.to, size);
  if (from >= to)
    throw new CommandError(`No entry is from ${from} on and before ${to}: the log has ${size}.`);
  return { from, to };
}

async function start(reader: LogReader, value: string | undefined, size: number): Promise<number> {
  if (value === undefined) return 0;
  if (!isTime(value)) return wholeNumber(value, '--from');
  return Math.max(0, (await firstAt(reader, timeOf(value, '--from'), size, 'before')) - 1);
}

async function end(reader: LogReader, value: string | undefined, size: number): Promise<number> {
  if (value === undefined) return size;
  if (!isTime(value)) return Math.min(size, wholeNumber(value, '--to'));
  return Math.min(size, (await firstAt(reader, timeOf(value, '--to'), size, 'after')) + 1);
}

// Whatever is no decimal number is meant as a time.
function isTime(value: string): boolean {
  return value.includes('-') && !value.startsWith('-');
}

/** Milliseconds since the epoch; a date alone is its midnight in UTC. */
function timeOf(value: string, argument: string): number {
  const time = readTime(value.length === DATE_LENGTH ? `${value}T00:00:00Z` : value);
  if (time !== null) return time;
  throw new CommandError(
    `${argument} must be a sequence number or a time like 2026-11-22T08:30:00Z, not ${JSON.stringify(value)}.`,
  );
}

/**
 * Sequence number of the first entry at `time` or later; `size` where there is none. Searches the segments by their
 * first entries, then reads one of them. Where it cannot be read, its start or the one after its end, whichever takes
 * in more.
 */
async function firstAt(
  reader: LogReader,
  time: number,
  size: number,
  side: 'before' | 'after',
): Promise<number> {
  const firsts = (await reader.segments()).map(({ first }) => first).filter((first) => first < size);
  let low = 0;
  let high = firsts.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = await timeOfEntry(reader, firsts[middle]!);
    if (found === null) return side === 'before' ? (firsts[low - 1] ?? 0) : (firsts[high] ?? size);
    if (found < time) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return firsts[0] ?? size;
  const first = firsts[low - 1]!;
  const next = firsts[low] ?? size;
  try {
    for await (const { seq, text } of reader.entries(first, next)) {
      const found = timeIn(text, seq);
      if (Number.isNaN(found)) return side === 'before' ? first : next;
      if (found >= time) return seq;
    }
  } catch {
    return side === 'before' ? first : next;
  }
  return next;
}

async function timeOfEntry(reader: LogReader, seq: number): Promise<number | null> {
  try {
    const time = timeIn(await reader.entry(seq), seq);
    return Number.isNaN(time) ? null : time;
  } catch {
    return null;
  }
}

// Keys of an entry are sorted: `time` follows `seq`, and both come after everything a caller named.
function timeIn(text: string, seq: number): number {
  const before = `"seq":${seq},"time":"`;
  const at = text.lastIndexOf(before);
  return at === -1
    ? Number.NaN
    : Date.parse(text.slice(at + before.length, text.indexOf('"', at + before.length)));
}
