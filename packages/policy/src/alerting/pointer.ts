// JSON Pointers (RFC 6901) into an entry. Imports types only.
import type { JsonValue } from '@audit/core';

/** The steps of a pointer; null for what is none, or points to the whole. */
export function parsePointer(pointer: string): readonly string[] | null {
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return null;
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What stands there; undefined where nothing does. */
export function valueAt(value: unknown, steps: readonly string[]): JsonValue | undefined {
  let at = value;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at as JsonValue | undefined;
}
