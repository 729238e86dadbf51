// Keys that hold several values: lists, and maps from names of the user's own. Each item that is wrong is told by itself.
import { z } from 'zod';
import { plain } from '../source/environment.ts';
import { type Reader, readItem, type Setting, settingOf, Unfit } from './setting.ts';

/** A list of values of one kind. */
export function listSetting<T>(
  reader: Reader<T>,
  description: string,
  fallback: unknown,
): Setting<readonly T[]> {
  const list = z.unknown().transform((given, context): readonly T[] | undefined => {
    if (given === null || given === undefined) return undefined;
    if (!Array.isArray(given)) return wrong(context, 'must be a list, such as [a, b]');
    return given.map((item, index) => readItem(reader, item, context, [index]) as T);
  });
  return settingOf(list, { type: 'array', items: reader.json }, description, fallback);
}

/** A map from names the user chooses to values of one kind. `name`: what reads the names, where not any will do. */
export function mapSetting<T>(
  reader: Reader<T>,
  description: string,
  fallback: unknown,
  name?: Reader<string>,
): Setting<ReadonlyMap<string, T>> {
  const map = z.unknown().transform((given, context): ReadonlyMap<string, T> | undefined => {
    if (given === null || given === undefined) return undefined;
    if (typeof plain(given) !== 'object' || Array.isArray(given))
      return wrong(context, 'must be a map of names');
    const items = Object.entries(given);
    for (const [key] of items) if (name !== undefined) readName(name, key, context);
    return new Map(items.map(([name, item]) => [name, readItem(reader, item, context, [name]) as T]));
  });
  return settingOf(map, { type: 'object', additionalProperties: reader.json }, description, fallback);
}

function readName(reader: Reader<string>, name: string, context: z.RefinementCtx): void {
  try {
    reader.read(name, false);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    context.addIssue({ code: 'custom', path: [name], message: error.message, params: { at: 'key' } });
  }
}

function wrong(context: z.RefinementCtx, message: string): undefined {
  context.addIssue({ code: 'custom', message });
}
