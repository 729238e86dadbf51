// What a key means where nothing is said: the default of the schema, read as a value of the file is.
import type { JsonValue } from '@audit/core';
import { DEFAULT_RECORDING_LEVEL, RECORDING_LEVELS } from '../events/options.ts';
import { type KeyPath, policyKeys } from '../keys.ts';
import { policySchema } from '../schema.ts';
import type { StatedSetting } from '../stated.ts';

/** A default, as it would be written and as it is read. Neither is there where it is no fixed value. */
export interface Default {
  readonly written: JsonValue | undefined;
  readonly read: unknown;
}

const NONE: Default = { written: undefined, read: undefined };
const known = new Map<string, Default>();

/** The default of a key that somebody sets. */
export function defaultOf({ path, pattern }: Pick<StatedSetting, 'path' | 'pattern'>): Default {
  if (path[0] === 'levels') return defaultInLevel(path);
  const name = pattern.join('.');
  let found = known.get(name);
  if (found === undefined) {
    found = read(pattern);
    known.set(name, found);
  }
  return found;
}

/** A level that is there without being defined has rules of its own. */
function defaultInLevel([, name, ...rest]: readonly string[]): Default {
  const level = Object.hasOwn(RECORDING_LEVELS, name!) ? (name as 'basic') : DEFAULT_RECORDING_LEVEL;
  let value: unknown = RECORDING_LEVELS[level];
  for (const step of rest) value = (value as Record<string, unknown> | undefined)?.[step];
  return { written: value as JsonValue | undefined, read: value };
}

function read(pattern: KeyPath): Default {
  const written = policyKeys().find(({ path }) => path.join('.') === pattern.join('.'))?.default;
  if (written === undefined) return NONE;
  const path = pattern.map((step) => (step === '*' ? 'one' : step));
  const tree = path.reduceRight<unknown>((below, step) => ({ [step]: below }), written);
  // A default may be refused alone, where another key must be set beside it: then it is compared as it is written.
  const { data } = policySchema.safeParse(tree);
  let value: unknown = data ?? tree;
  for (const step of path) value = (value as Record<string, unknown> | undefined)?.[step];
  return { written: written as JsonValue, read: value };
}
