// What differs between two policies in effect, key by key, and whether it makes the log weaker.
import type { JsonValue } from '@audit/core';
import type { EventRule } from '../events/options.ts';
import { policyKeys } from '../keys.ts';
import type { Policy } from '../parse.ts';
import type { FilePlace } from '../source/document.ts';
import { type StatedSetting, statedBy } from '../stated.ts';
import { defaultOf } from './defaults.ts';
import { failsWorse } from './failure.ts';
import { fingerprint } from './fingerprint.ts';
import { detailsLess, recordsLess, recordsLessAtAll } from './recording.ts';
import { STRENGTHS } from './strengths.ts';

/** A key that has another effect. */
export interface PolicyChange {
  readonly key: string;
  /** As it is written, or the default; null where that is no fixed value. What comes from the environment, by its name. */
  readonly before: JsonValue;
  readonly after: JsonValue;
  /** Where the old value stands, and the new one; undefined for a default. */
  readonly beforePlace: FilePlace | undefined;
  readonly afterPlace: FilePlace | undefined;
  /** Whether less is recorded, kept or protected; also true where that cannot be told. */
  readonly weakening: boolean;
}

/** The change, and the key of the schema it is about. */
export interface KeyChange extends PolicyChange {
  readonly pattern: readonly string[];
}

/**
 * What differs in effect, in the order of the schema: a value that is written out and equals the default is no difference.
 *
 * @throws TypeError where one is no policy that was read
 */
export function comparePolicies(before: Policy, after: Policy): readonly PolicyChange[] {
  return keyChanges(before, after).map(({ pattern: _pattern, ...change }) => change);
}

export function keyChanges(before: Policy, after: Policy): readonly KeyChange[] {
  const [old, now] = [statedBy(before), statedBy(after)];
  const order = policyKeys().map(({ path }) => path.join('.'));
  const changes: KeyChange[] = [];
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    // Which files a policy is made of is no effect: what they say is.
    if (key === 'extends') continue;
    const [was, is] = [old.get(key), now.get(key)];
    const { path, pattern } = (is ?? was)!;
    const values = [effective(was, { path, pattern }), effective(is, { path, pattern })] as const;
    if (fingerprint(values[0].read) === fingerprint(values[1].read)) continue;
    changes.push({
      key,
      pattern,
      before: values[0].written ?? null,
      after: values[1].written ?? null,
      beforePlace: was?.place,
      afterPlace: is?.place,
      weakening: isWeaker({ path, pattern }, values[0].read, values[1].read, before, after),
    });
  }
  const at = ({ pattern }: KeyChange) => order.indexOf(pattern.join('.'));
  return changes.sort((a, b) => at(a) - at(b));
}

type Named = Pick<StatedSetting, 'path' | 'pattern'>;

function effective(stated: StatedSetting | undefined, named: Named) {
  return stated ?? defaultOf(named);
}

function isWeaker(
  { path, pattern }: Named,
  was: unknown,
  is: unknown,
  before: Policy,
  after: Policy,
): boolean {
  switch (path[0]) {
    case 'events':
      if (path.at(-1) === 'onFailure') return failsWorse(path.slice(1, -1).join('.'), before, after);
      return recordsLess(
        path.at(-1) as keyof EventRule,
        path.slice(1, -1).join('.'),
        before.events,
        after.events,
      );
    case 'level':
    case 'levels':
      return (
        recordsLessAtAll(before.events, after.events) ||
        adapters.some((name) => adapterLess(name, before, after))
      );
  }
  const adapter = adapters.find((name) => pattern[0] === 'integrations' && pattern[1] === name);
  if (adapter !== undefined && (pattern[2] === 'level' || pattern[2] === 'detail')) {
    // What http says holds for the others too, where they say nothing.
    const reached = adapter === 'http' ? adapters : [adapter];
    return reached.some((name) => adapterLess(name, before, after));
  }
  const strength = STRENGTHS[pattern.join('.')];
  return strength === undefined || !strength(was, is);
}

/** What the adapters were given and would be given now, whatever key it comes from. */
export function adapterDetails(before: Policy, after: Policy): readonly KeyChange[] {
  return adapters.flatMap((name) => {
    const [was, is] = [before[name].detail, after[name].detail];
    if (fingerprint(was) === fingerprint(is)) return [];
    const pattern = ['integrations', name, 'detail'];
    const values = { before: was as JsonValue, after: is as JsonValue };
    const places = { beforePlace: undefined, afterPlace: undefined };
    return [{ key: pattern.join('.'), pattern, ...values, ...places, weakening: detailsLess(was, is) }];
  });
}

const adapters = ['http', 'express', 'nest'] as const;

function adapterLess(name: (typeof adapters)[number], before: Policy, after: Policy): boolean {
  return detailsLess(before[name].detail, after[name].detail);
}
