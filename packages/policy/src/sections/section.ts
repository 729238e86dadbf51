// A section: a map of settings and sections that may be left out as a whole. May import `zod`.
import { z } from 'zod';

/** A section that was left out, or left empty, reads as one with nothing in it. */
export function section<S extends z.ZodRawShape>(shape: S, description: string) {
  return z.preprocess((values) => values ?? {}, z.strictObject(shape)).meta({ description });
}

/** For rules about several keys: they are looked at also where something else is wrong, so that all is told at once. */
export function evenSo({ value }: { readonly value: unknown }): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy without what is undefined, so that the defaults of whoever is given it hold. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
