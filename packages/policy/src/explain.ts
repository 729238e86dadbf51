// What each key means, what it is by default, what holds, and where that is said.
import type { JsonValue } from '@audit/core';
import { defaultOf } from './compare/defaults.ts';
import { type KeyPath, policyKeys } from './keys.ts';
import type { FilePlace } from './source/document.ts';
import { nearest } from './source/nearest.ts';
import { type StatedSetting, statedBy } from './stated.ts';

/** A key, explained. */
export interface KeyExplanation {
  /** `*` stands for a name of your own where the policy has none. */
  readonly key: string;
  readonly description: string;
  /** As it would be written; null where it is no fixed value. */
  readonly default: JsonValue;
  /** What holds, as it is written; what comes from the environment, by its name. */
  readonly value: JsonValue;
  /** Where it is said; undefined for a default. */
  readonly place: FilePlace | undefined;
}

/**
 * Explains keys, in the order of the schema.
 *
 * @param policy whose values hold; without one, the defaults do
 * @param key one key, or what begins some (`performance`); left out: all
 * @throws RangeError for a key that is none, with what was probably meant
 */
export function explainPolicy(policy?: object, key?: string): readonly KeyExplanation[] {
  const stated = policy === undefined ? new Map<string, StatedSetting>() : statedBy(policy);
  const found = policyKeys().flatMap(({ path: pattern, description }) => {
    const said = [...stated.values()].filter((setting) => setting.pattern.join('.') === pattern.join('.'));
    const named = said.filter(({ path }) => key === undefined || isWithin(path, key));
    const paths: KeyPath[] = named.map(({ path }) => path);
    // A name nobody has used yet is explained as well: by what would hold.
    if (paths.length === 0) paths.push(...unsaid(pattern, key));
    return paths.map((path) => {
      const fallback = defaultOf({ path, pattern }).written ?? null;
      const setting = stated.get(path.join('.'));
      const value = setting?.written ?? fallback;
      return { key: path.join('.'), description, default: fallback, value, place: setting?.place };
    });
  });
  if (found.length === 0) throw new RangeError(unknown(key!));
  return found;
}

/** The path to explain of a key of the schema that is asked for and not set; none where it is not asked for. */
function unsaid(pattern: KeyPath, key: string | undefined): KeyPath[] {
  if (key === undefined || isWithin(pattern, key)) return [pattern];
  // A name of one's own may hold dots, as types of events do.
  const form = pattern.map((step) => (step === '*' ? '(.+)' : escaped(step))).join('\\.');
  const names = new RegExp(`^${form}$`).exec(key)?.slice(1);
  if (names === undefined) return [];
  return [pattern.map((step) => (step === '*' ? names.shift()! : step))];
}

function isWithin(path: KeyPath, key: string): boolean {
  const name = path.join('.');
  return name === key || name.startsWith(`${key}.`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function unknown(key: string): string {
  const names = policyKeys().map(({ path }) => path.join('.'));
  const last = key.split('.').at(-1)!;
  const elsewhere = names.find((name) => name.split('.').at(-1) === last);
  const meant = nearest(key, names) ?? elsewhere;
  return `${key} is no key of a policy${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}
