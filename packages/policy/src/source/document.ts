// The text of a policy as plain values, each with its place in the file. May import `yaml` and what is beside it.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import type { PolicyProblem } from '../problem.ts';
import { type Environment, substitute } from './environment.ts';

/** The keys that lead to a value; items of a list by their index. */
export type Path = readonly PropertyKey[];

interface Place {
  /** Offset of the key; of the value where there is none. */
  readonly key: number;
  readonly value: number;
}

/** A place in a file, from 1. */
export interface FilePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A policy as it was read: values, places, and what is wrong with it as YAML. */
export interface PolicyDocument {
  /** Maps, lists, and scalars; a scalar from the environment is an `EnvironmentText`. */
  readonly value: unknown;
  /** What already stands in the way; with it, `value` may not be what was meant. */
  readonly problems: readonly PolicyProblem[];
  /** Where the key of `path` stands; undefined where the text does not have it. */
  place(path: Path): FilePlace | undefined;
  /** A problem with the value at `path`, or with its key. A path that is not there is told at what would hold it. */
  problem(path: Path, message: string, at?: keyof Place): PolicyProblem;
}

/** Reads YAML 1.2, core schema; `${NAME}` inside of values comes from `env`. */
export function readDocument(text: string, file: string, env: Environment): PolicyDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
  });
  const places = new Map<string, Place>();
  const problems: PolicyProblem[] = [];

  const placeOf = (offset: number): FilePlace => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };

  const at = (offset: number, path: Path, message: string): PolicyProblem => {
    return { ...placeOf(offset), key: path.map(String).join('.'), message };
  };

  const read = (node: unknown, path: Path, key?: number): unknown => {
    const start = offsetOf(node) ?? key ?? 0;
    places.set(placeName(path), { key: key ?? start, value: start });
    if (isMap(node)) return readMap(node, path);
    if (isSeq(node)) return node.items.map((item, index) => read(item, [...path, index]));
    if (isAlias(node)) {
      problems.push(
        at(start, path, 'must not be an alias: write the value out, so that it is read where it acts'),
      );
      return undefined;
    }
    if (!isScalar(node) || typeof node.value !== 'string') return isScalar(node) ? node.value : null;
    try {
      return substitute(node.value, env);
    } catch (error) {
      problems.push(at(start, path, (error as Error).message));
      return undefined;
    }
  };

  const readMap = (map: YAMLMap, path: Path): Record<string, unknown> => {
    const out: Record<string, unknown> = {};
    for (const { key, value } of map.items) {
      const start = offsetOf(key) ?? 0;
      if (!isScalar(key) || key.value === null || key.value === '__proto__') {
        problems.push(at(start, path, 'has a key that is no name'));
        continue;
      }
      const name = String(key.value);
      if (Object.hasOwn(out, name))
        problems.push(at(start, [...path, name], 'is there twice: keep one of them'));
      out[name] = read(value, [...path, name], start);
    }
    return out;
  };

  for (const { code, pos, message } of [...document.errors, ...document.warnings]) {
    // Told below, with its name.
    if (code === 'DUPLICATE_KEY') continue;
    problems.push(at(pos[0], [], `is not as YAML has it: ${message}`));
  }
  // What the parser made of broken text says nothing about what was meant.
  const value = problems.length > 0 ? undefined : read(document.contents, []);
  return {
    value,
    problems,
    place(path) {
      const found = places.get(placeName(path));
      return found && placeOf(found.key);
    },
    problem(path, message, side = 'value') {
      for (let length = path.length; length > 0; length--) {
        const place = places.get(placeName(path.slice(0, length)));
        if (place !== undefined) return at(length === path.length ? place[side] : place.key, path, message);
      }
      return at(0, path, message);
    },
  };
}

function offsetOf(node: unknown): number | undefined {
  return (node as { range?: readonly [number, number, number] | null } | null)?.range?.[0];
}

function placeName(path: Path): string {
  return JSON.stringify(path.map(String));
}
