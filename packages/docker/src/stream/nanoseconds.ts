// The engine's times: nanoseconds since 1970, past what a number holds. Imports nothing.

const BILLION = 1_000_000_000n;

/** As `since` and `until` of the engine take it, and as entries spell it: `1795735130.261930631`. */
export function formatNano(nano: bigint): string {
  return `${nano / BILLION}.${String(nano % BILLION).padStart(9, '0')}`;
}

/** Null where the text is none of `formatNano`. */
export function parseNano(text: unknown): bigint | null {
  const parts = typeof text === 'string' ? /^(\d{1,10})\.(\d{9})$/.exec(text) : null;
  return parts === null ? null : BigInt(parts[1]!) * BILLION + BigInt(parts[2]!);
}

/**
 * RFC 3339 as Go writes it (`2026-11-26T23:18:53.139419483Z`, any number of digits, any offset). Null for what is no
 * time, and for the year 1, which is Go's word for never.
 */
export function nanoOfTime(time: unknown): bigint | null {
  if (typeof time !== 'string') return null;
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(time);
  if (parts === null) return null;
  const seconds = Date.parse(`${parts[1]}${parts[3]}`);
  if (Number.isNaN(seconds) || seconds <= 0) return null;
  return BigInt(seconds) * 1_000_000n + BigInt((parts[2] ?? '').padEnd(9, '0'));
}

/** A date, to the millisecond. */
export function dateOfNano(nano: bigint): Date {
  return new Date(Number(nano / 1_000_000n));
}

export function nanoOfMs(ms: number): bigint {
  return BigInt(Math.trunc(ms)) * 1_000_000n;
}
