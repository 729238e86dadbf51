// What a caller adds to an entry beside the facts of it. Imports nothing.

/** Whatever a caller of this package adds of its own. */
export type OwnData = Readonly<Record<string, unknown>> | undefined;

/** Input of an event constructor: facts, and what is added, whose names may be those of facts. The facts win. */
export function factsOver<F extends object>(
  data: OwnData,
  facts: F,
): F & { readonly data: Record<string, unknown> } {
  return { ...facts, data: { ...data, ...facts } };
}
