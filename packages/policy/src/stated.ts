// What a policy says key by key: each value as it is written, as it was read, and where. For explaining and comparing.
import type { JsonValue } from '@audit/core';
import { type KeyPath, policyKeys } from './keys.ts';
import type { FilePlace } from './source/document.ts';
import { EnvironmentText } from './source/environment.ts';
import type { PolicySource } from './source/inherit.ts';

/** A key that the policy sets. */
export interface StatedSetting {
  readonly path: readonly string[];
  /** The key as the schema has it: `*` for a name of the user's own. */
  readonly pattern: KeyPath;
  /** As it is written; what comes from the environment by its name. */
  readonly written: JsonValue;
  /** As it was read: may hold what comes from the environment, and is not shown. */
  readonly read: unknown;
  readonly place: FilePlace;
}

// Beside the policy and not in it: what was read may be a secret, and a policy is plain options.
const known = new WeakMap<object, ReadonlyMap<string, StatedSetting>>();
const files = new WeakMap<object, readonly string[]>();

/** Remembers what a policy was made of. */
export function rememberStated(policy: object, source: PolicySource, values: unknown): void {
  const stated = new Map<string, StatedSetting>();
  for (const { path: pattern } of policyKeys()) {
    for (const path of pathsOf(source.value, pattern)) {
      const written = at(source.value, path);
      if (written === null || written === undefined) continue;
      const setting = { path, pattern, written: shown(written), read: at(values, path) };
      stated.set(path.join('.'), { ...setting, place: source.place(path)! });
    }
  }
  known.set(policy, stated);
  files.set(policy, source.files);
}

/** The files a policy was made of, the nearest first; empty for one that was not read. */
export function filesOf(policy: object): readonly string[] {
  return files.get(policy) ?? [];
}

/** What a policy that was put together from two says: of the newer one what `isOfNow` picks, of the older one the rest. */
export function rememberPicked(
  policy: object,
  old: object,
  now: object,
  isOfNow: (key: StatedSetting) => boolean,
): void {
  const kept = [...statedBy(old)].filter(([, setting]) => !isOfNow(setting));
  const taken = [...statedBy(now)].filter(([, setting]) => isOfNow(setting));
  known.set(policy, new Map([...kept, ...taken]));
  files.set(policy, filesOf(now));
}

/**
 * By key, in the order of the schema.
 *
 * @throws TypeError where the policy is none that was read
 */
export function statedBy(policy: object): ReadonlyMap<string, StatedSetting> {
  const stated = known.get(policy);
  if (stated === undefined) {
    throw new TypeError('policy must be what loadPolicy() or parsePolicy() made, and no copy of it');
  }
  return stated;
}

/** The paths that are there for a key of the schema. */
function pathsOf(value: unknown, pattern: KeyPath): string[][] {
  let paths: string[][] = [[]];
  for (const step of pattern) {
    paths = paths.flatMap((path) => {
      const names = step === '*' ? Object.keys((at(value, path) as object | null | undefined) ?? {}) : [step];
      return names.map((name) => [...path, name]);
    });
  }
  return paths;
}

function at(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.hasOwn(current, step) ? (current as Record<string, unknown>)[step] : undefined;
  }
  return current;
}

function shown(value: unknown): JsonValue {
  if (value instanceof EnvironmentText) return value.written;
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shown(item)]));
}
