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
   * @param text whether `value` is such a text, so that a number may be spelled
   * @throws Unfit saying what the value must be
   */
  read(value: unknown, text: boolean): T;
}

/** Why a value does not fit; begins with "must". */
export class Unfit extends Error {}

/** A key that may be left out, or left empty, for the default. */
export type Setting<T> = z.ZodOptional<z.ZodType<T | undefined, unknown>>;

/**
 * @param description for the editor: one sentence
 * @param fallback the default as it would be written in the file; null where it is no fixed value
 */
export function setting<T>(reader: Reader<T>, description: string, fallback: unknown): Setting<T> {
  const value = z.unknown().transform((given, context) => readWith(reader, given, context));
  const json = { anyOf: [reader.json, ENVIRONMENT, { type: 'null' }] };
  // The metadata belongs to the outermost type: that is the one the JSON Schema is made of.
  return z.optional(value).meta({ description, ...(fallback !== null && { default: fallback }), ...json });
}

const ENVIRONMENT: JsonSchema = { type: 'string', pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}' };

function readWith<T>(reader: Reader<T>, given: unknown, context: z.RefinementCtx): T | undefined {
  if (given === null || given === undefined) return undefined;
  const fromEnvironment = given instanceof EnvironmentText;
  try {
    return reader.read(fromEnvironment ? given.text : given, fromEnvironment);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    // What came from the environment may be a secret: named, not shown.
    const got = fromEnvironment ? `the value of ${given.names.join(' and ')}` : shown(given);
    context.addIssue({ code: 'custom', message: `${error.message}, not ${got}` });
    return undefined;
  }
}

/** A value in a message: short, and on one line. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
