// How long an entry stays, by type, category and level. Pure.
import { type Category, LEVELS, type Level } from '@audit/core';
import { DEFAULT_KEEP, type RetentionOptions } from './options.ts';

/** Of an entry, what rules go by. */
export interface Kind {
  readonly type: string;
  readonly category: Category;
  readonly level: Level;
}

/** How long, and what nobody can shorten, in milliseconds. */
export interface Lifetime {
  readonly keep: number;
  readonly floor: number;
}

/** True where `pattern` is `type`, or a prefix of it that ends in `*`. */
export function matchesType(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

export function lifetimeOf(kind: Kind, options: RetentionOptions): Lifetime {
  const { keep = DEFAULT_KEEP, types, categories, levels, floor = 0, floorTypes } = options;
  const matching = [
    ...byType(kind.type, types),
    ...(categories?.[kind.category] === undefined ? [] : [categories[kind.category]!]),
    ...Object.entries(levels ?? {}).flatMap(([level, time]) =>
      LEVELS.indexOf(kind.level) >= LEVELS.indexOf(level as Level) ? [time] : [],
    ),
  ];
  const least = Math.max(floor, ...byType(kind.type, floorTypes));
  return { keep: Math.max(least, ...(matching.length === 0 ? [keep] : matching)), floor: least };
}

function byType(type: string, rules: Readonly<Record<string, number>> = {}): number[] {
  return Object.entries(rules).flatMap(([pattern, time]) => (matchesType(pattern, type) ? [time] : []));
}
