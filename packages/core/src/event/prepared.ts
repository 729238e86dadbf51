// An event ready to be sequenced. Written by the caller's side (prepare), read by the commit loop.

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
  /** From `{` up to and including the comma before `"prev"`. */
  readonly head: string;
  /** `"redacted":…,` where present, and `"resource":…,` up to and including the comma before `"seq"`. */
  readonly middle: string;
  /** From the comma before `"trace"` (or `"type"`) to the closing `}`. */
  readonly tail: string;
  /** UTF-8 bytes of the finished entry at most: what the queue counts. */
  readonly bytes: number;
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
