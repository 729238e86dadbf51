// What becomes of events that cannot be recorded: the rules of `onFailure`, asked when an event is handed in.

import { CATEGORIES, type Category, type Level } from '../event/model.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import { levelsFrom, typeMatch } from './filter.ts';
import { ON_FAILURE, type OnFailure } from './on-failure.ts';

/** One rule; all conditions given must hold. */
export interface FailureRule {
  /** Exact type, or a prefix ending in `*` (`auth.*`); several mean any of them. */
  readonly type?: string | readonly string[];
  readonly category?: Category | readonly Category[];
  /** This level **or above**. */
  readonly level?: Level;
  readonly onFailure: OnFailure;
}

/** Where no rule says otherwise. */
export const DEFAULT_ON_FAILURE: OnFailure = 'best-effort';

export interface FailureRules {
  /** True where an event may come to it by rule. */
  has(onFailure: OnFailure): boolean;
  /** Of several rules the first that matches decides. */
  choose(event: PreparedEvent): OnFailure;
}

const FIELDS: readonly string[] = ['type', 'category', 'level', 'onFailure'] satisfies (keyof FailureRule)[];

/** @throws TypeError, RangeError naming what of the option is wrong */
export function compileFailureRules(
  option: OnFailure | readonly FailureRule[] = DEFAULT_ON_FAILURE,
): FailureRules {
  if (!Array.isArray(option)) {
    const always = checkOnFailure(option, 'onFailure');
    return { has: (onFailure) => onFailure === always, choose: () => always };
  }
  const rules = option.map(compileRule);
  return {
    has: (asked) => asked === DEFAULT_ON_FAILURE || rules.some(({ onFailure }) => onFailure === asked),
    choose: (event) => rules.find(({ matches }) => matches(event))?.onFailure ?? DEFAULT_ON_FAILURE,
  };
}

/** @throws RangeError */
export function checkOnFailure(value: unknown, where: string): OnFailure {
  if (ON_FAILURE.includes(value as OnFailure)) return value as OnFailure;
  throw new RangeError(`${where} must be one of ${ON_FAILURE.join(', ')}, got ${JSON.stringify(value)}`);
}

function compileRule(rule: FailureRule, at: number) {
  const where = `onFailure[${at}]`;
  if (typeof rule !== 'object' || rule === null)
    throw new TypeError(`${where} must be an object with onFailure`);
  const unknown = Object.keys(rule).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) {
    throw new RangeError(`${where}.${unknown} is nothing a rule knows; there are ${FIELDS.join(', ')}`);
  }
  const { type, category, level } = rule;
  const types = type === undefined ? null : naming(where, () => typeMatch([type].flat()));
  const categories = category === undefined ? null : checkCategories([category].flat(), where);
  const levels = level === undefined ? null : naming(where, () => levelsFrom(level));
  return {
    onFailure: checkOnFailure(rule.onFailure, `${where}.onFailure`),
    matches: (event: PreparedEvent) =>
      (types === null || types(event.type)) &&
      (categories === null || categories.has(event.category)) &&
      (levels === null || levels.has(event.level)),
  };
}

function checkCategories(categories: readonly Category[], where: string): ReadonlySet<Category> {
  const wrong = categories.find((category) => !CATEGORIES.includes(category));
  if (wrong === undefined) return new Set(categories);
  throw new RangeError(
    `${where}.category must be one of ${CATEGORIES.join(', ')}, got ${JSON.stringify(wrong)}`,
  );
}

/** Says of which rule the complaint is. */
function naming<T>(where: string, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    throw new RangeError(`${where}.${(error as Error).message}`, { cause: error });
  }
}
