// What an adapter knows of a gap: checked, cleaned of secrets and bounded, before it waits for the next `log.gap`.
import { toJson } from '../event/convert.ts';
import type { JsonObject, Trace } from '../event/model.ts';
import { utf8Length, utf8Prefix } from '../event/text.ts';
import { readTrace } from '../event/validate.ts';
import type { Redactor } from '../privacy/redactor.ts';

/** Something that could not be recorded, or not as it should have been, told by whoever knows of it. */
export interface GapReport {
  /** Why, in lower-case words joined by `-` (`stream-gap`): what `health().lost` and `log.gap` count it under. */
  readonly reason: string;
  /** How many events are missing; 0 where nobody can know. Default 1. */
  readonly events?: number;
  /** What may be missing, in a sentence of at most `MAX_REPORT_MESSAGE` bytes. */
  readonly message?: string;
  /** What the missing events would have belonged to. */
  readonly trace?: Trace;
  /** Facts, at most `MAX_REPORT_DATA` bytes of JSON: left out where they are more. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Longer messages are cut, in UTF-8 bytes. */
export const MAX_REPORT_MESSAGE = 512;
/** Limit of `data` as JSON, in UTF-8 bytes. */
export const MAX_REPORT_DATA = 1_024;

const REASON = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const MAX_REASON = 64;

/** A report as it will stand in `log.gap`. */
export interface PreparedReport {
  readonly reason: string;
  readonly events: number;
  readonly report: JsonObject;
}

/**
 * @param now milliseconds since the epoch, as text of RFC 3339
 * @throws TypeError, RangeError naming what of the report is wrong: a mistake of the adapter's
 */
export function prepareReport(gap: GapReport, redactor: Redactor, now: string): PreparedReport {
  const { reason, events = 1, message, trace, data } = gap;
  if (typeof reason !== 'string' || reason.length > MAX_REASON || !REASON.test(reason)) {
    throw new TypeError(`reason must be lower-case words joined by "-", got ${JSON.stringify(reason)}`);
  }
  if (!Number.isSafeInteger(events) || events < 0) {
    throw new RangeError(`events must be a whole number, 0 where it is not known, got ${String(events)}`);
  }
  const told = toJson({ data, message: message === undefined ? undefined : String(message) }) as JsonObject;
  const { event } = redactor.redact({ data: told });
  const clean = event.data as { readonly data?: JsonObject; readonly message?: string };
  return {
    reason,
    events,
    report: {
      at: now,
      reason,
      events,
      message: clean.message === undefined ? undefined : utf8Prefix(clean.message, MAX_REPORT_MESSAGE),
      trace: readTrace(trace) as JsonObject | undefined,
      data: isSmall(clean.data) ? clean.data : undefined,
    } as JsonObject,
  };
}

function isSmall(data: JsonObject | undefined): boolean {
  return data !== undefined && utf8Length(JSON.stringify(data)) <= MAX_REPORT_DATA;
}
