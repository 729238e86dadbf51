// Times as entries hold them: RFC 3339, UTC, milliseconds, `Z`. Imports nothing.

const STRICT = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
// RFC 3339 §5.6. Lower-case `t` and `z` and a leap second are allowed there.
const RFC3339 =
  /^(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what four digits of a year can say. */
const MIN_TIME = -62_167_219_200_000;
const MAX_TIME = 253_402_300_799_999;

let cachedSecond = Number.NaN;
let cachedText = '';

/**
 * Milliseconds since the epoch as `2026-11-22T08:31:26.123Z`.
 * @throws RangeError outside of the years 0 to 9999
 */
export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== cachedSecond) {
    if (!(ms >= MIN_TIME && ms <= MAX_TIME))
      throw new RangeError(`ms: ${ms} is outside of the years 0 to 9999`);
    cachedText = new Date(second * 1000).toISOString().slice(0, 20);
    cachedSecond = second;
  }
  const rest = Math.trunc(ms - second * 1000);
  return `${cachedText}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
}

/** Milliseconds of a time exactly as `formatTime` writes it; null for every other text, 30 February included. */
export function parseTime(text: string): number | null {
  if (!STRICT.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) || new Date(ms).toISOString() !== text ? null : ms;
}

/**
 * Milliseconds of any RFC 3339 time, with any offset and precision; null for every other text. Digits past the
 * millisecond are dropped; a leap second counts as the last millisecond of its minute.
 */
export function readTime(text: string): number | null {
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const [, date, hour, minute, second, fraction = '', zone] = match as unknown as string[];
  const leap = second === '60';
  const millis = leap ? '999' : fraction.slice(0, 3).padEnd(3, '0');
  const local = parseTime(`${date}T${hour}:${minute}:${leap ? '59' : second}.${millis}Z`);
  if (local === null) return null;
  const ms = local - offsetMillis(zone as string);
  return ms >= MIN_TIME && ms <= MAX_TIME ? ms : null;
}

function offsetMillis(zone: string): number {
  if (zone.length === 1) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
