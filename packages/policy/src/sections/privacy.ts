// What is taken out of events before they are hashed: options of core's redactor, checked by that redactor.
import { readFileSync } from 'node:fs';
import type { PrivacyOptions } from '@audit/core';
import { createRedactor } from '@audit/core/internal';
import type { z } from 'zod';
import { listSetting, mapSetting } from '../settings/collections.ts';
import { type Reader, setting, Unfit } from '../settings/setting.ts';
import { choice, path, text } from '../settings/words.ts';
import { given, ifRight, section } from './section.ts';

/** Core refuses shorter keys. */
const MIN_KEY_BYTES = 32;

const name = text({ what: 'the name of a key', test: (value) => /[\p{L}\p{N}]/u.test(value) });

export const privacySection = section(
  {
    way: setting(
      choice('mask', 'remove', 'hmac'),
      'What happens to a secret: mask puts [REDACTED] in its place, remove nothing, hmac a keyed hash that is equal for equal secrets.',
      'mask',
    ),
    hmacKeyFile: setting(
      secretFile(),
      `File of the key of hmac: at least ${MIN_KEY_BYTES} bytes, taken as they are.`,
      null,
    ),
    keys: listSetting(
      name,
      'Further names whose values are secret, at any depth; case, "-" and "_" make no difference.',
      [],
    ),
    allowKeys: listSetting(name, 'Names of the default list that are no secrets here.', []),
    patterns: mapSetting(
      pattern(),
      'Further secrets by their looks: a name of your own for each, and a regular expression (ECMAScript, flag u).',
      {},
    ),
    allowPatterns: listSetting(
      checked(text(), (value) => ({ allowPatterns: [value] })),
      'Default patterns that are not applied, such as card-number.',
      [],
    ),
    pointers: listSetting(
      checked(text(), (value) => ({ pointers: [value] })),
      'JSON Pointers to exact places, such as /data/customer/name; * stands for any one step.',
      [],
    ),
  },
  'What is taken out of events before anything is stored, besides the default lists.',
)
  .refine(({ way, hmacKeyFile }) => way !== 'hmac' || hmacKeyFile !== undefined, {
    path: ['way'],
    error: 'is hmac, which needs hmacKeyFile',
    when: ifRight('way', 'hmacKeyFile'),
  })
  .refine(({ way, hmacKeyFile }) => way === 'hmac' || hmacKeyFile === undefined, {
    path: ['hmacKeyFile'],
    error: 'has no effect unless privacy.way is hmac: set that, or leave this out',
    when: ifRight('way', 'hmacKeyFile'),
  });

/** The section as core takes it. */
export function privacyOptions(values: z.output<typeof privacySection>): PrivacyOptions {
  const { way, hmacKeyFile, keys, allowKeys, patterns, allowPatterns, pointers } = values;
  const named = patterns && [...patterns].map(([name, pattern]) => ({ name, pattern }));
  return given({ way, hmacKey: hmacKeyFile, keys, allowKeys, patterns: named, allowPatterns, pointers });
}

/** A value that core's redactor accepts; what it says of one it refuses is the problem. */
function checked(reader: Reader<string>, options: (value: string) => PrivacyOptions): Reader<string> {
  return {
    json: reader.json,
    read(value, fromEnvironment) {
      const read = reader.read(value, fromEnvironment);
      try {
        createRedactor(options(read));
      } catch (error) {
        // `privacy.pointers: "…" must …`: the place is told already.
        throw new Unfit((error as Error).message.replace(/^privacy\.\w+: /, ''));
      }
      return read;
    },
  };
}

function pattern(): Reader<RegExp> {
  return {
    json: { type: 'string', minLength: 1, format: 'regex' },
    read(value, fromEnvironment) {
      const source = text({ what: 'a regular expression', test: () => true }).read(value, fromEnvironment);
      let compiled: RegExp;
      try {
        compiled = new RegExp(source, 'u');
      } catch (error) {
        throw new Unfit(`must be a regular expression (${(error as Error).message})`);
      }
      if (compiled.test(''))
        throw new Unfit('must be a regular expression that needs at least one character');
      return compiled;
    },
  };
}

function secretFile(): Reader<Uint8Array> {
  return {
    json: path.json,
    read(value, fromEnvironment) {
      const file = path.read(value, fromEnvironment);
      let bytes: Uint8Array;
      try {
        bytes = readFileSync(file);
      } catch (error) {
        throw new Unfit(`must be a file that can be read (${(error as NodeJS.ErrnoException).code})`);
      }
      if (bytes.length < MIN_KEY_BYTES) {
        throw new Unfit(`must be a file of at least ${MIN_KEY_BYTES} bytes, this has ${bytes.length}`);
      }
      return bytes;
    },
  };
}
