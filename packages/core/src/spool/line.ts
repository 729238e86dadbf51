// One event as one line of the spool, and back: `<HMAC> {"at":…,"own":…,"size":…,"event":{…}}`.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type PreparedEvent, preparedOf, textOf } from '../event/prepared.ts';

/** An event that waits, and what has to be known to record it once. */
export interface SpooledEvent {
  /** As it was handed in; `own` is kept in it. */
  readonly event: PreparedEvent;
  /** When it was spooled, RFC 3339: what `occurredAt` will say of it. */
  readonly at: string;
  /** Size of the log the event cannot stand before, should it be in there already. */
  readonly size: number;
}

const HMAC_DIGITS = 64;
const SPACE = 0x20;
const EVENT = ',"event":';

/** The line without its newline. Its HMAC is over everything behind the space. */
export function formatLine(key: Uint8Array, { event, at, size }: SpooledEvent): string {
  const text = `{"at":"${at}","own":${event.ownId},"size":${size}${EVENT}${textOf(event)}}`;
  return `${hmac(key, text)} ${text}`;
}

/** Null where the HMAC is not that of the rest: damaged, cut short, or not written by this spool. */
export function parseLine(key: Uint8Array, line: Uint8Array): SpooledEvent | null {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  if (bytes.length <= HMAC_DIGITS || bytes[HMAC_DIGITS] !== SPACE) return null;
  const told = bytes.subarray(0, HMAC_DIGITS);
  if (!timingSafeEqual(told, Buffer.from(hmac(key, bytes.subarray(HMAC_DIGITS + 1)), 'latin1'))) return null;
  const text = bytes.toString('utf8', HMAC_DIGITS + 1);
  const { at, own, size } = JSON.parse(text) as {
    readonly at: string;
    readonly own: boolean;
    readonly size: number;
  };
  return { at, size, event: preparedOf(text.slice(text.indexOf(EVENT) + EVENT.length, -1), own) };
}

/** Tells two events under one id apart, without keeping either. */
export function digestOf(event: PreparedEvent): string {
  return createHash('sha256').update(textOf(event)).digest('base64');
}

function hmac(key: Uint8Array, text: string | Uint8Array): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
