// What is taken out of events before they are hashed: options of core's redactor, checked by that redactor.
import { readFileSync } from 'node:fs';
import type { KeyRule, PatternRule, PointerRule, PrivacyOptions, RedactionWay } from '@audit/core';
import { createRedactor } from '@audit/core/internal';
import { listSetting, mapSetting } from '../settings/collections.ts';
import { type Reader, setting, Unfit } from '../settings/setting.ts';
import { choice, flag, path, text } from '../settings/words.ts';
import { type Ruled, ruled, WAYS } from './privacy-rule.ts';
import { given, ifRight, section } from './section.ts';

/** Core refuses shorter keys. */
const MIN_KEY_BYTES = 32;

const RULES = ['keys', 'allowKeys', 'patterns', 'allowPatterns', 'pointers'] as const;

const name = text({ what: 'the name of a key', test: (value) => /[\p{L}\p{N}]/u.test(value) });

export const privacySection = section(
  {
    enabled: setting(
      flag,
      'false records passwords, keys and all other secrets as they are; the log says so each time it is opened, and in its health.',
      true,
    ),
    way: setting(
      choice(...WAYS),
      'What happens to a secret: mask puts [REDACTED] in its place, remove nothing, hmac a keyed hash that is equal for equal secrets. A rule may have a way of its own: {key: session-id, way: hmac}.',
      'mask',
    ),
    hmacKeyFile: setting(
      secretFile(),
      `File of the key of hmac: at least ${MIN_KEY_BYTES} bytes, taken as they are.`,
      null,
    ),
    keys: listSetting(
      ruled('key', name),
      'Further names whose values are secret, at any depth; case, "-" and "_" make no difference. A name of the default list may be given a way here.',
      [],
    ),
    allowKeys: listSetting(name, 'Names of the default list that are no secrets here.', []),
    patterns: mapSetting(
      ruled('pattern', pattern(), true),
      'Further secrets by their looks: a name of your own for each, and a regular expression (ECMAScript, flag u, without look-around and back-references). A default pattern may be given a way: {card-number: {way: hmac}}.',
      {},
    ),
    allowPatterns: listSetting(
      checked(text(), (value) => ({ allowPatterns: [value] })),
      'Default patterns that are not applied, such as card-number.',
      [],
    ),
    pointers: listSetting(
      ruled(
        'pointer',
        checked(text(), (value) => ({ pointers: [value] })),
      ),
      'JSON Pointers to exact places, such as /data/customer/name; * stands for any one step.',
      [],
    ),
  },
  'What is taken out of events before anything is stored, besides the default lists.',
)
  .refine((values) => !usesHmac(values) || values.hmacKeyFile !== undefined, {
    path: ['way'],
    error: 'is hmac, here or in a rule, which needs hmacKeyFile',
    when: ifRight('way', 'hmacKeyFile'),
  })
  .refine((values) => usesHmac(values) || values.hmacKeyFile === undefined, {
    path: ['hmacKeyFile'],
    error: 'has no effect unless privacy.way, or the way of a rule, is hmac: set that, or leave this out',
    when: ifRight('way', 'hmacKeyFile', ...RULES),
  })
  .refine(({ patterns }) => withoutPattern(patterns).every(isDefaultPattern), {
    path: ['patterns'],
    error: 'has a name with a way and no pattern that is no default pattern: give it a pattern',
    when: ifRight('patterns'),
  })
  .refine(({ enabled = true, ...rules }) => enabled || !saysAnything(rules), {
    path: ['enabled'],
    error: 'is false, so that nothing else of privacy has an effect: leave the rest out, or switch it on',
    when: ifRight('enabled', 'way', 'hmacKeyFile', ...RULES),
  });

/** What the section reads to. */
interface Values {
  readonly enabled?: boolean | undefined;
  readonly way?: RedactionWay | undefined;
  readonly hmacKeyFile?: Uint8Array | undefined;
  readonly keys?: readonly Ruled<'key', string>[] | undefined;
  readonly allowKeys?: readonly string[] | undefined;
  readonly patterns?: ReadonlyMap<string, Ruled<'pattern', RegExp>> | undefined;
  readonly allowPatterns?: readonly string[] | undefined;
  readonly pointers?: readonly Ruled<'pointer', string>[] | undefined;
}

/** The section as core takes it. */
export function privacyOptions(values: Values): PrivacyOptions {
  const { enabled, way, hmacKeyFile, keys, allowKeys, patterns, allowPatterns, pointers } = values;
  if (enabled === false) return { enabled };
  const named = patterns && [...patterns].map(([name, rule]): PatternRule => ({ name, ...rule }));
  return given({
    ...{ enabled, way, hmacKey: hmacKeyFile, allowKeys, patterns: named, allowPatterns },
    keys: keys as readonly KeyRule[] | undefined,
    pointers: pointers as readonly PointerRule[] | undefined,
  });
}

function usesHmac({ way, keys = [], patterns, pointers = [] }: Values): boolean {
  // A rule that could not be read is undefined.
  const rules: readonly ({ readonly way?: string } | undefined)[] = [
    ...keys,
    ...(patterns?.values() ?? []),
    ...pointers,
  ];
  return way === 'hmac' || rules.some((rule) => rule?.way === 'hmac');
}

function withoutPattern(patterns: Values['patterns']): readonly string[] {
  return [...(patterns ?? [])].filter(([, rule]) => rule.pattern === undefined).map(([name]) => name);
}

function isDefaultPattern(name: string): boolean {
  try {
    createRedactor({ allowPatterns: [name] });
    return true;
  } catch {
    return false;
  }
}

/** Whether a section says more than its defaults do. */
function saysAnything({ way = 'mask', hmacKeyFile, patterns, ...lists }: Values): boolean {
  const filled = Object.values(lists).some((list) => Array.isArray(list) && list.length > 0);
  return way !== 'mask' || hmacKeyFile !== undefined || (patterns?.size ?? 0) > 0 || filled;
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
      // Before anything runs it: JavaScript's engine might not come back.
      try {
        createRedactor({ patterns: [{ name: 'it', pattern: compiled }] });
      } catch (error) {
        throw new Unfit((error as Error).message.replace(/^privacy\.patterns: "it" /, ''));
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
