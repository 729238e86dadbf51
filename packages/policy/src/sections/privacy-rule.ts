// One rule of privacy: what it matches, alone or in a map beside a way of its own. Imports types and readers only.
import type { RedactionWay } from '@audit/core';
import { type Reader, Unfit, UnknownKey } from '../settings/setting.ts';
import { choice } from '../settings/words.ts';
import { EnvironmentText, plain } from '../source/environment.ts';

export const WAYS = ['mask', 'remove', 'hmac'] as const satisfies readonly RedactionWay[];

/** A rule whose subject is called `N`. */
export type Ruled<N extends string, T> = { readonly [K in N]?: T } & { readonly way?: RedactionWay };

const way = choice(...WAYS);

/**
 * `subject`, or `{<name>: subject, way: …}`.
 *
 * @param wayAlone the subject may be left out where there is a way
 */
export function ruled<const N extends string, T>(
  name: N,
  subject: Reader<T>,
  wayAlone = false,
): Reader<Ruled<N, T>> {
  const map = {
    type: 'object',
    properties: { [name]: subject.json, way: way.json },
    required: [wayAlone ? 'way' : name],
    additionalProperties: false,
  };
  return {
    json: { anyOf: [subject.json, map] },
    read(value, fromEnvironment) {
      const members = plain(value);
      if (fromEnvironment || typeof members !== 'object' || members === null || Array.isArray(members)) {
        return { [name]: subject.read(value, fromEnvironment) } as Ruled<N, T>;
      }
      const strange = Object.keys(members).find((key) => key !== name && key !== 'way');
      if (strange !== undefined) throw new UnknownKey(strange);
      const given = members as Readonly<Record<string, unknown>>;
      const read = { [name]: item(subject, name, given[name]), way: item(way, 'way', given.way) };
      if (read[name] === undefined && !(wayAlone && read.way !== undefined)) {
        throw new Unfit(`has no ${name}: give it one${wayAlone ? ', or a way to a default one' : ''}`);
      }
      return Object.fromEntries(Object.entries(read).filter(([, found]) => found !== undefined)) as Ruled<
        N,
        T
      >;
    },
  };
}

function item<T>(reader: Reader<T>, key: string, value: unknown): T | undefined {
  if (value === null || value === undefined) return undefined;
  try {
    return value instanceof EnvironmentText ? reader.read(value.text, true) : reader.read(value, false);
  } catch (error) {
    throw error instanceof Unfit ? new Unfit(error.message, { key, value }) : error;
  }
}
