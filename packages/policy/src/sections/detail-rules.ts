// How much of an HTTP exchange is recorded, and what happens to one that cannot be: a word, or a list of rules.
import { DETAILS, type Detail, type DetailRule } from '@audit/core';
import { type Reader, Unfit } from '../settings/setting.ts';
import { plain } from '../source/environment.ts';

/** `options.onFailure` of an HTTP adapter: a request cannot be answered from a spool. */
export type HttpOnFailure = 'strict' | 'best-effort';
const HTTP_ON_FAILURE: readonly HttpOnFailure[] = ['strict', 'best-effort'];

/** As an HTTP adapter takes it. */
export interface FailureRule {
  readonly method?: string | readonly string[];
  readonly path?: string | readonly string[];
  readonly onFailure: HttpOnFailure;
}

/** One test of a rule: what it takes, as a regular expression and in words. */
interface Field {
  readonly form: RegExp;
  readonly what: string;
}

const ONE_OR_MANY = {
  anyOf: [
    { type: ['string', 'integer'] },
    { type: 'array', items: { type: ['string', 'integer'] }, minItems: 1 },
  ],
};

const method: Field = { form: /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, what: 'a method such as GET' };
const pattern: Field = { form: /^.+$/s, what: 'a text, or a beginning that ends in "*"' };
const status: Field = { form: /^[1-5](?:\d\d|xx)$/i, what: 'a status such as 404, or a class such as 4xx' };

const detailFields = { method, route: pattern, status, actor: pattern };
const failureFields = { method, path: pattern };

/** One rule of `detail`. */
export const detailRule: Reader<DetailRule> = rule('detail', DETAILS, detailFields);

/** One level for all, or rules. */
export const detailOrRules: Reader<Detail | readonly DetailRule[]> = wordOrRules(DETAILS, detailRule);

/** One way for all, or rules. */
export const onFailureOrRules: Reader<HttpOnFailure | readonly FailureRule[]> = wordOrRules(
  HTTP_ON_FAILURE,
  rule<FailureRule>('onFailure', HTTP_ON_FAILURE, failureFields),
);

function wordOrRules<W extends string, R>(words: readonly W[], one: Reader<R>): Reader<W | readonly R[]> {
  return {
    json: { anyOf: [{ enum: words }, { type: 'array', items: one.json }] },
    read(value, fromEnvironment) {
      if (words.includes(value as W)) return value as W;
      if (!Array.isArray(value)) throw new Unfit(`must be one of ${words.join(', ')}, or a list of rules`);
      return value.map((item, index) => {
        try {
          return one.read(item, fromEnvironment);
        } catch (error) {
          if (error instanceof Unfit) throw new Unfit(`has a rule ${index + 1} that ${error.message}`);
          throw error;
        }
      });
    },
  };
}

/** A map of tests, all of which must hold, and what they decide. */
function rule<R>(
  decided: string,
  words: readonly string[],
  fields: Readonly<Record<string, Field>>,
): Reader<R> {
  const names = [...Object.keys(fields), decided];
  return {
    json: {
      type: 'object',
      properties: {
        ...Object.fromEntries(Object.keys(fields).map((name) => [name, ONE_OR_MANY])),
        [decided]: { enum: words },
      },
      required: [decided],
      additionalProperties: false,
    },
    read(value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw new Unfit(`must be a map of ${names.join(', ')}`);
      }
      const given = Object.entries(value).map(([name, item]) => [name, plainItem(item)] as const);
      const unknown = given.find(([name]) => !names.includes(name))?.[0];
      if (unknown !== undefined) throw new Unfit(`must have no ${unknown}; a rule has ${names.join(', ')}`);
      const said = given.filter(([, item]) => item !== null && item !== undefined);
      for (const [name, item] of said) {
        if (name !== decided) check(name, item, fields[name]!);
        else if (!words.includes(item as string))
          throw new Unfit(`must have ${decided}: ${words.join(', ')}`);
      }
      if (!said.some(([name]) => name === decided)) {
        throw new Unfit(`must have ${decided}: ${words.join(', ')}`);
      }
      return Object.fromEntries(said) as R;
    },
  };
}

function plainItem(item: unknown): unknown {
  return Array.isArray(item) ? item.map(plain) : plain(item);
}

function check(name: string, item: unknown, { form, what }: Field): void {
  const items: readonly unknown[] = Array.isArray(item) ? item : [item];
  const fits = (one: unknown) =>
    (typeof one === 'string' || (Number.isSafeInteger(one) && form === status.form)) &&
    form.test(String(one));
  if (items.length === 0 || !items.every(fits))
    throw new Unfit(`must have as ${name} ${what}, or a list of them`);
}
