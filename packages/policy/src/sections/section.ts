// A section: a map of settings and sections that may be left out as a whole. May import `zod`.
import { z } from 'zod';
import { plain } from '../source/environment.ts';

/** A section that was left out, or left empty, reads as one with nothing in it. */
export function section<S extends z.ZodRawShape>(shape: S, description: string) {
  return z.preprocess((values) => plain(values) ?? {}, z.strictObject(shape)).meta({ description });
}

/** What zod tells of a section before its rules about several keys are looked at. */
interface Read {
  readonly value: unknown;
  readonly issues: readonly { readonly path?: readonly PropertyKey[] | undefined }[];
}

/** For rules about several keys: they hold also where other keys are wrong, so that all is told at once. */
export function ifRight(...keys: readonly string[]): (read: Read) => boolean {
  return ({ value, issues }) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !issues.some(({ path }) => keys.includes(String(path?.[0])));
}

/** For rules about what is missing: what is wrong below may be just that. */
export function allRight({ issues }: Read): boolean {
  return issues.length === 0;
}

/** A copy without what is undefined, so that the defaults of whoever is given it hold. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
