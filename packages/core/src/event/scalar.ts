// One value where a string belongs. Never throws.
import { canonicalize } from './canonical.ts';
import { toJson } from './convert.ts';
import type { JsonValue } from './model.ts';

/**
 * A value as one string: strings, numbers, dates, symbols and boxed values as `toJson` has them, objects that
 * become a string (such as a database's ids) likewise, other objects as JSON text. `undefined` for null,
 * functions and the like.
 */
export function scalarText(value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === 'function') return undefined;
  const json: JsonValue = toJson(value, { depth: 4, nodes: 100 });
  if (typeof json === 'string') return json;
  return json === null ? undefined : canonicalize(json);
}
