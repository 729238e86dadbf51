// Whether two values that were read are the same value. Imports nothing of the package.
import { createHash } from 'node:crypto';

/** Equal for equal values; shows nothing of bytes, which may be a key. */
export function fingerprint(value: unknown): string {
  return JSON.stringify(comparable(value)) ?? 'undefined';
}

function comparable(value: unknown): unknown {
  if (value instanceof RegExp) return { pattern: value.source, flags: value.flags };
  if (value instanceof Uint8Array) return { sha256: createHash('sha256').update(value).digest('hex') };
  if (value instanceof Map) return comparable(Object.fromEntries(value as Map<string, unknown>));
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, comparable(member)]),
  );
}
