// Which entries `entries()` hands out. Decides most from the text alone: parsing is what a scan costs.
import { CATEGORIES, type Entry, LEVELS, type Level } from '../event/model.ts';
import { formatTime, readTime } from '../event/time.ts';
import type { EntryFilter } from './types.ts';

const FIELDS: ReadonlySet<string> = new Set(['from', 'to', 'since', 'until', 'type', 'level', 'category']);

/** A filter made ready. */
export interface CompiledFilter {
  readonly from: number;
  readonly to: number;
  /** As entries spell times: such texts compare like the times. */
  readonly since: string | null;
  readonly until: string | null;
  /** The entry, or null where it does not match; `from` and `to` aside. */
  match(text: string): Entry | null;
}

/**
 * Canonical JSON sorts its keys, so the *last* `"type":"` of an entry is its own (data and resource come before,
 * and only `v` behind), as are the last `"level":"` and `,"time":"`; and the *first* `"category":"` (only `actor`,
 * which has no such key, comes before). Quotes inside of strings are escaped: none of this is ever text.
 *
 * @throws TypeError, RangeError naming the field of the filter
 */
export function compileFilter(filter: EntryFilter): CompiledFilter {
  for (const field of Object.keys(filter)) {
    if (!FIELDS.has(field))
      throw new RangeError(`${field} is no filter; there are ${[...FIELDS].join(', ')}`);
  }
  for (const field of ['from', 'to'] as const) {
    const seq = filter[field];
    if (seq !== undefined && !(Number.isSafeInteger(seq) && seq >= 0)) {
      throw new RangeError(`${field} must be a whole number from 0, got ${String(seq)}`);
    }
  }
  const since = filter.since === undefined ? null : timeOf(filter.since, 'since');
  const until = filter.until === undefined ? null : timeOf(filter.until, 'until');
  const levels = filter.level === undefined ? null : levelsFrom(filter.level);
  const categories = filter.category === undefined ? null : new Set<string>([filter.category].flat());
  for (const category of categories ?? []) {
    if (!(CATEGORIES as readonly string[]).includes(category)) {
      throw new RangeError(
        `category must be one of ${CATEGORIES.join(', ')}, got ${JSON.stringify(category)}`,
      );
    }
  }
  const types = filter.type === undefined ? null : typeMatch([filter.type].flat());
  const match = (text: string): Entry | null => {
    if (since !== null && timeOfEntry(text) < since) return null;
    if (until !== null && timeOfEntry(text) >= until) return null;
    if (levels !== null && !levels.has(lastField(text, '"level":"'))) return null;
    if (types !== null && !types(lastField(text, '"type":"'))) return null;
    if (categories !== null && !categories.has(fieldAt(text, text.indexOf('"category":"'), '"category":"')))
      return null;
    return JSON.parse(text) as Entry;
  };
  return { from: filter.from ?? 0, to: filter.to ?? Number.MAX_SAFE_INTEGER, since, until, match };
}

/** `time` of an entry's text. */
export function timeOfEntry(text: string): string {
  return lastField(text, ',"time":"');
}

function lastField(text: string, key: string): string {
  return fieldAt(text, text.lastIndexOf(key), key);
}

/** None of the fields asked for holds a character that JSON escapes. */
function fieldAt(text: string, at: number, key: string): string {
  const start = at + key.length;
  return text.slice(start, text.indexOf('"', start));
}

/** As entries spell it: times of one spelling compare as strings. */
function timeOf(value: string | Date, field: string): string {
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? readTime(value) : null;
  if (ms === null || Number.isNaN(ms)) {
    throw new RangeError(`${field} must be a valid Date or an RFC 3339 time such as 2026-01-31T12:00:00Z`);
  }
  return formatTime(ms);
}

/** @throws RangeError */
export function levelsFrom(level: Level): ReadonlySet<string> {
  const at = LEVELS.indexOf(level);
  if (at === -1)
    throw new RangeError(`level must be one of ${LEVELS.join(', ')}, got ${JSON.stringify(level)}`);
  return new Set(LEVELS.slice(at));
}

/** @throws RangeError */
export function typeMatch(patterns: readonly string[]): (type: string) => boolean {
  const exact = new Set<string>();
  const prefixes: string[] = [];
  for (const pattern of patterns) {
    if (typeof pattern !== 'string' || pattern === '' || pattern.slice(0, -1).includes('*')) {
      throw new RangeError(
        `type must be a type or a prefix that ends in *, such as auth.*, got ${JSON.stringify(pattern)}`,
      );
    }
    if (pattern.endsWith('*')) prefixes.push(pattern.slice(0, -1));
    else exact.add(pattern);
  }
  return (type) => exact.has(type) || prefixes.some((prefix) => type.startsWith(prefix));
}
