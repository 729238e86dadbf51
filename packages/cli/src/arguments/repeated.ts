// Options that may be given several times. Imports nothing.

/** Collects every value of a repeatable option. */
export function repeated(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
