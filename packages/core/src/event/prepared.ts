// An event ready to be sequenced. Written by the caller's side (prepare), read by the commit loop.
import { type Category, type Entry, type Level, MAX_ENTRY_BYTES } from './model.ts';
import { utf8Length } from './text.ts';

/**
 * An event after validation, enrichment, redaction, conversion and limits: canonical JSON (RFC 8785) with
 * holes where the commit loop puts `prev`, `seq` and `time`. Keys of an entry sort as: actor, category, cut,
 * data, error, id, level, occurredAt, operation, outcome, **prev**, redacted, resource, **seq**, **time**,
 * trace, type, v; hence three runs of text that the loop only concatenates.
 */
export interface PreparedEvent {
  readonly id: string;
  /** True where the caller brought the id. */
  readonly ownId: boolean;
  readonly type: string;
  readonly category: Category;
  readonly level: Level;
  /** From `{` up to and including the comma before `"prev"`. */
  readonly head: string;
  /** `"redacted":…,` where present, and `"resource":…,` up to and including the comma before `"seq"`. */
  readonly middle: string;
  /** From the comma before `"trace"` (or `"type"`) to the closing `}`. */
  readonly tail: string;
  /** UTF-8 bytes of the finished entry at most: what the queue counts. */
  readonly bytes: number;
  /** Kept in the spool where it cannot be recorded. Chosen by the log when it takes the event. */
  spool: boolean;
}

/** What `prev`, `seq` and `time` take at most, with their names and commas. */
const SEQUENCED_BYTES =
  `"prev":"${'0'.repeat(64)}",`.length +
  `"seq":${Number.MAX_SAFE_INTEGER}`.length +
  ',"time":"2026-11-22T08:31:26.123Z"'.length;

/** What of an entry decides where the holes are. */
interface Shape extends Pick<PreparedEvent, 'id' | 'type' | 'category' | 'level'> {
  readonly redacted?: unknown;
  readonly trace?: unknown;
}

/** Cuts the canonical text of an entry without `prev`, `seq` and `time` where those will stand. */
export function cutText(text: string, entry: Shape, ownId: boolean): PreparedEvent {
  const { id, type, category, level, redacted, trace } = entry;
  // From the end: behind these names nothing of the caller's but strings follows, in which a quote is never bare.
  const tailAt = text.lastIndexOf(trace === undefined ? ',"type":' : ',"trace":');
  const middleAt = text.lastIndexOf(redacted === undefined ? ',"resource":' : ',"redacted":', tailAt);
  return {
    id,
    ownId,
    type,
    category,
    level,
    head: text.slice(0, middleAt + 1),
    middle: text.slice(middleAt + 1, tailAt + 1),
    tail: text.slice(tailAt),
    bytes: utf8Length(text) + 2 + SEQUENCED_BYTES,
    spool: false,
  };
}

/** The event as canonical JSON, for `preparedOf` to read: an entry without `prev`, `seq` and `time`. */
export function textOf({ head, middle, tail }: PreparedEvent): string {
  return head + middle.slice(0, -1) + tail;
}

/** The event whose `textOf` this is. */
export function preparedOf(text: string, ownId: boolean): PreparedEvent {
  return cutText(text, JSON.parse(text) as Entry, ownId);
}

/** Where `occurredAt` stands, or would: before the last `operation` that is a name of the entry's own. */
const AFTER_OCCURRED_AT = ',"operation":"';
const OCCURRED_AT = /,"occurredAt":"([^"]*)"$/;

/** The event with the time it happened, where it says none and there is room for it. */
export function withOccurredAt(event: PreparedEvent, time: string): PreparedEvent {
  const at = event.head.lastIndexOf(AFTER_OCCURRED_AT);
  const before = event.head.slice(0, at);
  const field = `,"occurredAt":"${time}"`;
  const bytes = event.bytes + field.length;
  if (OCCURRED_AT.test(before) || bytes > MAX_ENTRY_BYTES) return event;
  return { ...event, head: before + field + event.head.slice(at), bytes };
}

/** True where the content is the event's, but for the time it happened where only the content says one. */
export function isContentOf(content: string, event: PreparedEvent): boolean {
  if (content === contentOf(event)) return true;
  const time = OCCURRED_AT.exec(content.slice(0, content.lastIndexOf(AFTER_OCCURRED_AT)))?.[1];
  return time !== undefined && content === contentOf(withOccurredAt(event, time));
}

/** The entry's canonical bytes as text. `seq` below 2^53; `time` is RFC 3339 with milliseconds and `Z`. */
export function assemble(event: PreparedEvent, prev: string, seq: number, time: string): string {
  return `${event.head}"prev":"${prev}",${event.middle}"seq":${seq},"time":"${time}"${event.tail}`;
}

/**
 * What idempotency compares: the event without `v`, `seq`, `prev`, `time`. Equal for an event and for the
 * entry it became (`contentOfEntry`).
 */
export function contentOf(event: PreparedEvent): string {
  return event.head + event.middle + event.tail;
}

/** The same text cut out of a stored entry's canonical JSON; `entry` must be one this package wrote. */
export function contentOfEntry(entry: string, prev: string, seq: number, time: string): string {
  const atPrev = entry.lastIndexOf(`"prev":"${prev}",`);
  const seqTime = `"seq":${seq},"time":"${time}"`;
  const atSeq = entry.lastIndexOf(seqTime);
  const middle = atPrev + `"prev":"${prev}",`.length;
  return entry.slice(0, atPrev) + entry.slice(middle, atSeq) + entry.slice(atSeq + seqTime.length);
}
