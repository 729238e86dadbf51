// One key of the policy: how its value is read, and what an editor is told about it. May import `zod`.
import { z } from 'zod';
import { EnvironmentText } from '../source/environment.ts';

/** JSON Schema of what a reader takes, besides `${NAME}` and nothing at all. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Reads one kind of value. */
export interface Reader<T> {
  readonly json: JsonSchema;
  /**
   * @param value as it stands in the file, or the text of a value from the environment
   * @param fromEnvironment whether it is such a text, so that a number may be spelled
   * @throws Unfit saying what the value must be
   */
  read(value: unknown, fromEnvironment: boolean): T;
}

/** Why a value does not fit. To one that begins with "must", what the value is instead is added. */
export class Unfit extends Error {
  /** Where in the value, and what stands there: for values that are maps. */
  readonly inner: { readonly key: string; readonly value: unknown } | undefined;

  constructor(message: string, inner?: { readonly key: string; readonly value: unknown }) {
    super(message);
    this.inner = inner;
  }
}

/** A value that is a map has a key that is none. */
export class UnknownKey extends Error {
  readonly key: string;

  constructor(key: string) {
    super(key);
    this.key = key;
  }
}

/** A key that may be left out, or left empty, for the default. */
export type Setting<T> = z.ZodOptional<z.ZodType<T | undefined, unknown>>;

/**
 * @param description for the editor: one sentence
 * @param fallback the default as it would be written in the file; null where it is no fixed value
 */
export function setting<T>(reader: Reader<T>, description: string, fallback: unknown): Setting<T> {
  const value = z.unknown().transform((given, context): T | undefined => {
    return given === null || given === undefined ? undefined : readItem(reader, given, context, []);
  });
  return settingOf(value, reader.json, description, fallback);
}

const ENVIRONMENT: JsonSchema = { type: 'string', pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}' };

/** Any way to read a key, made one that may be left out and that says what it is. */
export function settingOf<T>(
  value: z.ZodType<T | undefined, unknown>,
  json: JsonSchema,
  description: string,
  fallback: unknown,
): Setting<T> {
  // The metadata belongs to the outermost type: of that the JSON Schema is made.
  return z.optional(value).meta({
    description,
    ...(fallback !== null && { default: fallback }),
    anyOf: [json, ENVIRONMENT, { type: 'null' }],
  });
}

/** Reads one value, and tells what is wrong with it at `path` below the key. */
export function readItem<T>(
  reader: Reader<T>,
  given: unknown,
  context: z.RefinementCtx,
  path: (string | number)[],
): T | undefined {
  const fromEnvironment = given instanceof EnvironmentText;
  try {
    return reader.read(fromEnvironment ? given.text : given, fromEnvironment);
  } catch (error) {
    if (error instanceof UnknownKey) {
      context.addIssue({
        code: 'unrecognized_keys',
        keys: [error.key],
        path,
        input: given as Record<string, unknown>,
      });
      return undefined;
    }
    if (!(error instanceof Unfit)) throw error;
    const { inner } = error;
    const wrong = inner === undefined ? given : inner.value;
    if (inner !== undefined) path.push(inner.key);
    // What came from the environment may be a secret: named, not shown.
    const got = wrong instanceof EnvironmentText ? `the value of ${wrong.names.join(' and ')}` : shown(wrong);
    const message = error.message.startsWith('must ') ? `${error.message}; it is ${got}` : error.message;
    context.addIssue({ code: 'custom', path, message });
    return undefined;
  }
}

/** A value in a message: short, and on one line. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
