// What a rule counts apart: the values at the pointers of `groupBy`.
import { createHash } from 'node:crypto';
import { canonicalize, type Entry, type JsonValue } from '@audit/core';
import { pointerOf } from './matcher.ts';
import { valueAt } from './pointer.ts';

/** Longer values are cut where they are shown, in characters; they are told apart in full. */
export const MAX_SHOWN_VALUE = 256;
/** Groups a rule keeps; the one that was quiet longest is forgotten first. */
export const MAX_GROUPS = 10_000;

export interface Group {
  /** Empty where the rule has no `groupBy`. */
  readonly key: string;
  /** Pointer and value; undefined where the rule has no `groupBy`. A value that is not there is null. */
  readonly shown: Readonly<Record<string, JsonValue>> | undefined;
}

export const WHOLE: Group = { key: '', shown: undefined };

/** @throws RangeError for what is no pointer */
export function compileGroup(pointers: readonly string[], place: string): (entry: Entry) => Group {
  if (pointers.length === 0) return () => WHOLE;
  const paths = pointers.map((pointer) => pointerOf(pointer, place));
  return (entry) => {
    const values = paths.map((steps) => valueAt(entry, steps) ?? null);
    const shown = Object.fromEntries(pointers.map((pointer, index) => [pointer, short(values[index]!)]));
    return { key: createHash('sha256').update(canonicalize(values)).digest('base64url'), shown };
  };
}

function short(value: JsonValue): JsonValue {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length > MAX_SHOWN_VALUE) return `${text.slice(0, MAX_SHOWN_VALUE - 1)}…`;
  return value;
}

/** A map that forgets what was not touched longest. */
export class Groups<T> {
  readonly #entries = new Map<string, T>();
  readonly #most: number;
  /** Forgotten for want of room. */
  forgotten = 0;

  constructor(most = MAX_GROUPS) {
    this.#most = most;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }

  /** Makes it the one touched last. */
  touch(key: string, value: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#most) return;
    this.#entries.delete(this.#entries.keys().next().value!);
    this.forgotten++;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** The one quiet longest first. */
  [Symbol.iterator](): IterableIterator<[string, T]> {
    return this.#entries.entries();
  }
}
