// What bounds an entry: 1,024 bytes an envelope string, 65,535 bytes in all. Runs after redaction.
import type { Hasher } from '../merkle/hasher.ts';
import { canonicalize } from './canonical.ts';
import type { Cut, JsonObject, JsonValue } from './model.ts';
import { pointerToken, utf8Length, utf8Prefix } from './text.ts';

/** The limit of each string outside of `data`, in UTF-8 bytes. */
export const MAX_ENVELOPE_STRING = 1_024;
/** Where control characters make even these too large (each is six bytes of JSON), the second limit. */
const TIGHT_ENVELOPE_STRING = 128;
/** Strings of `data` are not cut shorter than this; `data` is emptied instead. */
const MIN_DATA_STRING = 64;
/** What one item of `cut` takes besides its path: `{"bytes":…,"path":…,"sha256":…},`. */
const CUT_OVERHEAD = 120;

export interface Limited {
  readonly event: JsonObject;
  readonly cuts: Cut[];
}

/**
 * Cuts every string of the envelope that is longer than `limit` bytes. A UTF-16 unit has at most three bytes,
 * so the length alone clears nearly every string.
 */
export function limitEnvelope(event: JsonObject, hasher: Hasher, limit = MAX_ENVELOPE_STRING): Limited {
  const cuts: Cut[] = [];
  let out: Record<string, JsonValue | undefined> | undefined;
  for (const field in event) {
    if (field === 'data' || field === 'unread') continue;
    const value = event[field] as JsonValue;
    const limited = limitField(value, `/${field}`, limit, cuts, hasher);
    if (limited === value) continue;
    out ??= { ...event };
    out[field] = limited;
  }
  return { event: out ?? event, cuts };
}

function limitField(value: JsonValue, path: string, limit: number, cuts: Cut[], hasher: Hasher): JsonValue {
  if (typeof value === 'string') return cutString(value, path, limit, cuts, hasher);
  if (typeof value !== 'object' || value === null) return value;
  let out: Record<string, JsonValue | undefined> | undefined;
  const object = value as JsonObject;
  for (const key in object) {
    const text = object[key];
    if (typeof text !== 'string') continue;
    const limited = cutString(text, `${path}/${key}`, limit, cuts, hasher);
    if (limited === text) continue;
    out ??= { ...object };
    out[key] = limited;
  }
  return out ?? value;
}

function cutString(text: string, path: string, limit: number, cuts: Cut[], hasher: Hasher): string {
  if (text.length * 3 <= limit) return text;
  const bytes = utf8Length(text);
  if (bytes <= limit) return text;
  cuts.push({ bytes, path, sha256: hasher.digest(text) });
  return utf8Prefix(text, limit);
}

/**
 * Makes an event fit: the largest strings of `data` are cut, to a length that halves until all fits; at last
 * `data` becomes `{}`, and where even that is not enough the envelope's strings are cut again.
 *
 * @param sizeOf the bytes the finished entry would have with this event and these cuts
 * @param before what limits cut until now
 */
export function limitTotal(
  event: JsonObject,
  before: readonly Cut[],
  max: number,
  sizeOf: (event: JsonObject, cuts: readonly Cut[]) => number,
  hasher: Hasher,
): Limited {
  const data = event.data as JsonObject;
  const sizes = stringSizes(data, []);
  const fixed = sizeOf(event, before) - sum(sizes);
  for (let limit = max >> 1; limit >= MIN_DATA_STRING; limit >>= 1) {
    if (fixed + sum(sizes.map((size) => (size <= limit ? size : limit - 3 + CUT_OVERHEAD))) > max) continue;
    const cuts: Cut[] = [...before];
    const limited = { ...event, data: cutStrings(data, '/data', limit, cuts, hasher) };
    if (sizeOf(limited, cuts) <= max) return { event: limited, cuts };
  }
  return emptyData(event, before, max, sizeOf, hasher);
}

function emptyData(
  event: JsonObject,
  before: readonly Cut[],
  max: number,
  sizeOf: (event: JsonObject, cuts: readonly Cut[]) => number,
  hasher: Hasher,
): Limited {
  const text = canonicalize(event.data as JsonObject);
  const whole: Cut = { bytes: utf8Length(text), path: '/data', sha256: hasher.digest(text) };
  const envelope = before.filter((cut) => !isBelowData(cut.path));
  const emptied = { ...event, data: {} };
  if (sizeOf(emptied, [...envelope, whole]) <= max) return { event: emptied, cuts: [...envelope, whole] };
  const tight = limitEnvelope(emptied, hasher, TIGHT_ENVELOPE_STRING);
  // A string cut twice keeps what was said of it when it was whole.
  const known = new Set(envelope.map((cut) => cut.path));
  return {
    event: tight.event,
    cuts: [...envelope, ...tight.cuts.filter((cut) => !known.has(cut.path)), whole],
  };
}

/** Strings no longer than `limit`, and everything else, as they are; nothing of the original is changed. */
function cutStrings(value: JsonValue, path: string, limit: number, cuts: Cut[], hasher: Hasher): JsonValue {
  if (typeof value === 'string') return cutString(value, path, limit, cuts, hasher);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((item: JsonValue, i) => cutStrings(item, `${path}/${i}`, limit, cuts, hasher));
  }
  const members = Object.entries(value as JsonObject).map(([key, item]): [string, JsonValue] => [
    key,
    cutStrings(item as JsonValue, `${path}/${pointerToken(key)}`, limit, cuts, hasher),
  ]);
  // Unlike an assignment, fromEntries keeps `__proto__` a member like any other.
  return Object.fromEntries(members);
}

function stringSizes(value: JsonValue, sizes: number[]): number[] {
  if (typeof value === 'string') sizes.push(utf8Length(value));
  else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) stringSizes(item as JsonValue, sizes);
  }
  return sizes;
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}

function isBelowData(path: string): boolean {
  return path === '/data' || path.startsWith('/data/');
}
