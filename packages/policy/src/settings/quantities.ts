// Numbers, and quantities that carry their unit: `65536`, `30s`, `64MiB`. Strict: what is not exactly one is refused.
import { type Reader, Unfit } from './setting.ts';

/** The smallest and the largest value a key takes, both included. */
export interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

/** The longest time a timer of JavaScript can count, in milliseconds: 24.8 days. */
export const LONGEST_TIMER = 2 ** 31 - 1;

const WHOLE = /^(?:0|[1-9]\d*)$/;
const DECIMAL = /^(?:0|[1-9]\d*)(?:\.\d+)?$/;
const PERCENT = /^(0|[1-9]\d*)%$/;

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Decimal units by the thousand, binary ones (IEC 80000-13) by 1,024. */
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** A whole number, without quotes. */
export function count({ least = 0, most = Number.MAX_SAFE_INTEGER }: Bounds = {}): Reader<number> {
  return {
    json: { type: 'integer', minimum: least, maximum: most },
    read(value, text) {
      const number = text && WHOLE.test(value as string) ? Number(value) : value;
      if (!Number.isSafeInteger(number) || (number as number) < least || (number as number) > most) {
        throw new Unfit(`must be a whole number from ${least} to ${most}`);
      }
      return number as number;
    },
  };
}

/** A number that may have a fraction, without quotes. */
export function decimal({ least, most }: Required<Bounds>): Reader<number> {
  return {
    json: { type: 'number', minimum: least, maximum: most },
    read(value, text) {
      const number = text && DECIMAL.test(value as string) ? Number(value) : value;
      if (typeof number !== 'number' || !(number >= least && number <= most)) {
        throw new Unfit(`must be a number from ${least} to ${most}`);
      }
      return number;
    },
  };
}

/** A share: a whole number and `%`, as a fraction of 1. */
export function percent({ least, most }: Required<Bounds>): Reader<number> {
  return {
    json: { type: 'string', pattern: PERCENT.source },
    read(value) {
      const number = Number((typeof value === 'string' && PERCENT.exec(value)?.[1]) || Number.NaN);
      if (!(number >= least && number <= most)) throw new Unfit(`must be from ${least}% to ${most}%`);
      return number / 100;
    },
  };
}

/** A time: a whole number and `ms`, `s`, `m`, `h` or `d`, in milliseconds. */
export function duration(bounds: Bounds = {}): Reader<number> {
  return quantity(MILLISECONDS, 'a duration such as 30s or 5m', spellDuration, bounds);
}

/** A number of bytes: a whole number and `B`, `kB`, `MB`, `GB`, `KiB`, `MiB` or `GiB`. */
export function size(bounds: Bounds = {}): Reader<number> {
  return quantity(BYTES, 'a size such as 64MiB', spellSize, bounds);
}

/** Milliseconds in the largest unit that is exact. */
export function spellDuration(milliseconds: number): string {
  return spell(MILLISECONDS, milliseconds);
}

/** Bytes in the largest unit that is exact. */
export function spellSize(bytes: number): string {
  return spell(BYTES, bytes);
}

function quantity(
  units: Readonly<Record<string, number>>,
  what: string,
  spelled: (value: number) => string,
  { least = 0, most = Number.MAX_SAFE_INTEGER }: Bounds,
): Reader<number> {
  const names = Object.keys(units);
  const form = new RegExp(`^(0|[1-9]\\d*)(${names.join('|')})$`);
  return {
    json: { type: 'string', pattern: form.source },
    read(value) {
      const [, digits, unit] = (typeof value === 'string' && form.exec(value)) || [];
      if (digits === undefined) throw new Unfit(`must be ${what} (a whole number and ${names.join(', ')})`);
      const number = Number(digits) * units[unit!]!;
      if (number < least || number > most) {
        throw new Unfit(
          most === Number.MAX_SAFE_INTEGER
            ? `must be at least ${spelled(least)}`
            : `must be from ${spelled(least)} to ${spelled(most)}`,
        );
      }
      return number;
    },
  };
}

function spell(units: Readonly<Record<string, number>>, value: number): string {
  const [name, each] = Object.entries(units)
    .sort(([, a], [, b]) => b - a)
    .find(([, unit]) => value !== 0 && value % unit === 0) ?? [Object.keys(units)[0]!, 1];
  return `${value / each}${name}`;
}
