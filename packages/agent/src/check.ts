// The checks every option of this package goes through. Imports nothing.

/** Longest delay a timer of Node takes, in milliseconds: 24.8 days. */
export const LONGEST_TIMER = 2_147_483_647;

/** @throws TypeError where `options` is no object, or has a name that is none of `names` */
export function checkNames(options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object');
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`options.${unknown} is not an option; there are ${names.join(', ')}`);
  }
}

/** @throws RangeError where the value is no whole number from `least` to `most` */
export function whole(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new RangeError(
      `options.${name} must be a whole number from ${least} to ${most}, got ${String(value)}`,
    );
  }
  return value;
}

/** @throws RangeError where the value is none of `choices` */
export function oneOf<T extends string>(name: string, value: T, choices: readonly T[]): T {
  if (!choices.includes(value)) {
    throw new RangeError(
      `options.${name} must be one of ${choices.join(', ')}, got ${JSON.stringify(value)}`,
    );
  }
  return value;
}

/** @throws TypeError where the value is no text, or an empty one */
export function filled(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new TypeError(`options.${name} must be a text that is not empty`);
  }
  return value;
}
