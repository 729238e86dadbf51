// Quantities as people write them: `90%`, `512m`, `10m`, `5/1h`. Imports nothing.

const NUMBER = '(?<number>\\d{1,15}(?:\\.\\d{1,6})?)';
const PERCENT = new RegExp(`^${NUMBER}%$`);
/** As `docker run --memory` takes it: powers of 1,024, bytes without a unit. */
const SIZE = new RegExp(`^${NUMBER}(?<unit>[bkmgt]?)$`, 'i');
const DURATION = new RegExp(`^${NUMBER}(?<unit>ms|s|m|h|d)$`);
const COUNT = /^\d{1,9}$/;

const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};
const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90%` → 0.9; undefined for anything but a percentage above 0 and up to 100. */
export function parsePercent(text: string): number | undefined {
  const number = Number(PERCENT.exec(text)?.groups?.number ?? Number.NaN);
  return number > 0 && number <= 100 ? number / 100 : undefined;
}

/** `512m` → bytes; undefined for anything but a size above 0. */
export function parseSize(text: string): number | undefined {
  return positive(SIZE.exec(text), BYTES);
}

/** `10m` → milliseconds; undefined for anything but a duration above 0. */
export function parseDuration(text: string): number | undefined {
  return positive(DURATION.exec(text), MILLISECONDS);
}

/** `200` → 200; undefined for anything but a whole number above 0. */
export function parseCount(text: string): number | undefined {
  return COUNT.test(text) && Number(text) > 0 ? Number(text) : undefined;
}

function positive(
  match: RegExpExecArray | null,
  units: Readonly<Record<string, number>>,
): number | undefined {
  const unit = units[match?.groups?.unit?.toLowerCase() ?? 'none'];
  const number = unit === undefined ? 0 : Math.round(Number(match?.groups?.number) * unit);
  return number > 0 && Number.isSafeInteger(number) ? number : undefined;
}
