// Which segments go and which stay, each with its reason. Reads nothing but through the summaries it is given.
import type { StoredSegment } from '@audit/core';
import type { LegalHold, RetentionOptions } from './options.ts';
import { lifetimeOf, matchesType } from './rules.ts';
import type { KindSummary, SegmentSummary } from './summary.ts';

/**
 * Why a segment goes: it has `expired`, or there are more files (`max-files`) or bytes (`max-bytes`) than there may be.
 * Why it stays: entries are `not-expired`, a `floor` forbids it, a `hold` does; it is `not-sealed` yet; or something
 * before it stays (`behind`), for only prefixes go.
 */
export type SegmentReason =
  | 'expired'
  | 'max-files'
  | 'max-bytes'
  | 'not-expired'
  | 'floor'
  | 'hold'
  | 'not-sealed'
  | 'behind';

export interface SegmentFate extends StoredSegment {
  readonly goes: boolean;
  readonly reason: SegmentReason;
  /** When its longest-lived entry expires, in milliseconds since the epoch; null where nobody looked, or never. */
  readonly expires: number | null;
  /** Ids of the holds that match something in it. */
  readonly holds: readonly string[];
}

export async function decide(
  segments: readonly StoredSegment[],
  options: RetentionOptions,
  now: number,
  summarize: (segment: StoredSegment) => Promise<SegmentSummary>,
): Promise<readonly SegmentFate[]> {
  const fates: SegmentFate[] = [];
  let files = segments.length;
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  for (const segment of segments) {
    const stays = fates.at(-1)?.goes === false;
    if (stays || !segment.sealed) {
      // What is behind one that stays need not be read.
      fates.push({
        ...segment,
        goes: false,
        reason: stays ? 'behind' : 'not-sealed',
        expires: null,
        holds: [],
      });
      continue;
    }
    const over =
      files > (options.maxFiles ?? Number.POSITIVE_INFINITY)
        ? 'max-files'
        : bytes > (options.maxBytes ?? Number.POSITIVE_INFINITY)
          ? 'max-bytes'
          : null;
    const fate = fateOf(await summarize(segment), options, now, over);
    fates.push({ ...segment, ...fate });
    files--;
    bytes -= segment.bytes;
  }
  return fates;
}

function fateOf(
  summary: SegmentSummary,
  options: RetentionOptions,
  now: number,
  over: 'max-files' | 'max-bytes' | null,
): Pick<SegmentFate, 'goes' | 'reason' | 'expires' | 'holds'> {
  const lifetimes = summary.map((kind) => ({ kind, ...lifetimeOf(kind, options) }));
  const until = Math.max(...lifetimes.map(({ kind, keep }) => kind.last + keep));
  const floor = Math.max(...lifetimes.map((one) => one.kind.last + one.floor));
  const expires = Number.isFinite(until) ? until : null;
  const holds = (options.holds ?? [])
    .filter((hold) => summary.some((kind) => holdMatches(hold, kind)))
    .map(({ id }) => id);
  if (holds.length > 0) return { goes: false, reason: 'hold', expires, holds };
  if (floor > now) return { goes: false, reason: 'floor', expires, holds };
  if (until <= now) return { goes: true, reason: 'expired', expires, holds };
  if (over !== null) return { goes: true, reason: over, expires, holds };
  return { goes: false, reason: 'not-expired', expires, holds };
}

/**
 * A hold matches where an entry of its type may lie in its time: of each kind only the first and the last are known, and
 * what lies between them is held rather than lost.
 */
function holdMatches({ type, since, until }: LegalHold, kind: KindSummary): boolean {
  if (type !== undefined && !matchesType(type, kind.type)) return false;
  if (since !== undefined && kind.last < Date.parse(since)) return false;
  return until === undefined || kind.first < Date.parse(until);
}
