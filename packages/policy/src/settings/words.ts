// Words: free text, one of a few, true or false, and lists of them.
import { type Reader, Unfit } from './setting.ts';

/** What a text must be besides not empty; the sentence goes on after "must be". */
export interface TextRule {
  readonly what: string;
  readonly test: (text: string) => boolean;
}

/** A text that is not empty. */
export function text({ what, test }: TextRule = { what: 'text', test: () => true }): Reader<string> {
  return {
    json: { type: 'string', minLength: 1 },
    read(value) {
      if (typeof value !== 'string' || value === '' || !test(value)) throw new Unfit(`must be ${what}`);
      return value;
    },
  };
}

/** A path of the file system, taken from the working directory. */
export const path: Reader<string> = text({ what: 'a path', test: (value) => !value.includes('\0') });

/** One of a few words. */
export function choice<const T extends string>(...choices: readonly T[]): Reader<T> {
  return {
    json: { enum: choices },
    read(value) {
      if (!choices.includes(value as T)) throw new Unfit(`must be one of ${choices.join(', ')}`);
      return value as T;
    },
  };
}

/** `true` or `false`, without quotes. */
export const flag: Reader<boolean> = {
  json: { type: 'boolean' },
  read(value, fromEnvironment) {
    const found = fromEnvironment && (value === 'true' || value === 'false') ? value === 'true' : value;
    if (typeof found !== 'boolean') throw new Unfit('must be true or false');
    return found;
  },
};
