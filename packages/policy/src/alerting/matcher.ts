// Which entries a rule is about.
import { isDeepStrictEqual } from 'node:util';
import { type Entry, LEVELS } from '@audit/core';
import type { AlertMatch } from './options.ts';
import { parsePointer, valueAt } from './pointer.ts';
import { anyOf } from './wildcard.ts';

type Test = (entry: Entry) => boolean;

/** Alerting never looks at what it wrote itself: each alert would be the reason of the next. */
export function isOwn(entry: Entry): boolean {
  return entry.type.startsWith('alert.');
}

/**
 * @param place where the match stands, for the message
 * @throws RangeError naming what of it cannot be
 */
export function compileMatch(match: AlertMatch, place: string): Test {
  const tests: Test[] = [];
  const { type, category, level, outcome, actor, resource, equals = {} } = match;
  if (type !== undefined) tests.push(testOf(type, (entry) => entry.type));
  if (category !== undefined) tests.push(({ category: own }) => category.includes(own));
  if (level !== undefined) {
    const least = LEVELS.indexOf(level);
    if (least === -1) throw new RangeError(`${place}.level must be one of ${LEVELS.join(', ')}`);
    tests.push((entry) => LEVELS.indexOf(entry.level) >= least);
  }
  if (outcome !== undefined) tests.push((entry) => outcome.includes(entry.outcome));
  if (actor !== undefined) tests.push(testOf(actor, (entry) => entry.actor?.id));
  if (resource !== undefined) tests.push(testOf(resource, (entry) => entry.resource.id));
  for (const [pointer, wanted] of Object.entries(equals)) {
    const steps = pointerOf(pointer, `${place}.equals`);
    tests.push((entry) => isDeepStrictEqual(valueAt(entry, steps), wanted));
  }
  return (entry) => tests.every((test) => test(entry));
}

/** @throws RangeError for what is no pointer */
export function pointerOf(pointer: string, place: string): readonly string[] {
  const steps = parsePointer(pointer);
  if (steps === null) throw new RangeError(`${place}: "${pointer}" must be a JSON Pointer such as /actor/id`);
  return steps;
}

function testOf(patterns: readonly string[], read: (entry: Entry) => string | undefined): Test {
  const fits = anyOf(patterns);
  return (entry) => {
    const text = read(entry);
    return text !== undefined && fits(text);
  };
}
