// How much of an exchange is recorded: the rules of `detail`, checked once and asked for each exchange.
import { type Actor, DETAILS, type Detail, type DetailRule } from '@audit/core';

/** All but the bodies. */
export const DEFAULT_DETAIL: Detail = 'metadata';

/** What a rule may look at, when the exchange is over. */
export interface DetailFacts {
  readonly method: string;
  /** The pattern, else the path. */
  readonly route: string;
  readonly status: number | null;
  readonly actor: Actor;
}

export interface DetailRules {
  /** Holds for every exchange; undefined where rules decide. */
  readonly always: Detail | undefined;
  /** The most that may come out for a request of this method, before anything else is known of it. */
  most(method: string): Detail;
  /** The first rule that matches; `metadata` where none does. */
  choose(facts: DetailFacts): Detail;
}

type Test = (value: string) => boolean;

interface CompiledRule {
  readonly detail: Detail;
  readonly method: Test | undefined;
  readonly route: Test | undefined;
  readonly status: Test | undefined;
  readonly actor: Test | undefined;
}

const FIELDS = ['method', 'route', 'status', 'actor', 'detail'];

/** @throws TypeError naming what of the option is wrong */
export function compileDetail(option: Detail | readonly DetailRule[] = DEFAULT_DETAIL): DetailRules {
  if (!Array.isArray(option)) {
    const detail = checkDetail(option, 'options.detail');
    return { always: detail, most: () => detail, choose: () => detail };
  }
  const rules = option.map((rule, i) => compileRule(rule, `options.detail[${i}]`));
  return {
    always: undefined,
    most(method) {
      let most: Detail = 'none';
      for (const rule of rules) {
        if (rule.method !== undefined && !rule.method(method)) continue;
        most = larger(most, rule.detail);
        if (rule.route === undefined && rule.status === undefined && rule.actor === undefined) return most;
      }
      return larger(most, DEFAULT_DETAIL);
    },
    choose(facts) {
      return rules.find((rule) => matches(rule, facts))?.detail ?? DEFAULT_DETAIL;
    },
  };
}

/** Whether `detail` reaches as far as `wanted`. */
export function reaches(detail: Detail, wanted: Detail): boolean {
  return DETAILS.indexOf(detail) >= DETAILS.indexOf(wanted);
}

function larger(a: Detail, b: Detail): Detail {
  return reaches(a, b) ? a : b;
}

function matches(rule: CompiledRule, { method, route, status, actor }: DetailFacts): boolean {
  return (
    (rule.method?.(method) ?? true) &&
    (rule.route?.(route) ?? true) &&
    (rule.status?.(String(status)) ?? true) &&
    (rule.actor?.(`${actor.type}:${actor.id}`) ?? true)
  );
}

function compileRule(rule: DetailRule, where: string): CompiledRule {
  if (typeof rule !== 'object' || rule === null)
    throw new TypeError(`${where} must be an object with detail`);
  const unknown = Object.keys(rule).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`${where}.${unknown} is nothing a rule knows; there are ${FIELDS.join(', ')}`);
  }
  const { method, route, status, actor } = rule;
  return {
    detail: checkDetail(rule.detail, `${where}.detail`),
    method: method === undefined ? undefined : anyMethod(method, `${where}.method`),
    route: route === undefined ? undefined : anyPattern(route, `${where}.route`),
    status: status === undefined ? undefined : anyStatus(status, `${where}.status`),
    actor: actor === undefined ? undefined : anyPattern(actor, `${where}.actor`),
  };
}

function checkDetail(detail: unknown, where: string): Detail {
  if (DETAILS.includes(detail as Detail)) return detail as Detail;
  throw new TypeError(`${where} must be one of ${DETAILS.join(', ')}, got ${JSON.stringify(detail)}`);
}

/** Methods in any case: RFC 9110 §9.1 has them case-sensitive, and rules are written by people. */
export function anyMethod(value: unknown, where: string): Test {
  const methods = new Set(listOf(value, where, isText, 'a method').map((one) => String(one).toUpperCase()));
  return (method) => methods.has(method.toUpperCase());
}

/** Equal, or beginning with what stands before a `*` at the end. */
export function anyPattern(value: unknown, where: string): Test {
  const patterns = listOf(value, where, isText, 'a text, or a beginning that ends in "*"').map(String);
  return (text) =>
    patterns.some((one) => (one.endsWith('*') ? text.startsWith(one.slice(0, -1)) : text === one));
}

function anyStatus(value: unknown, where: string): Test {
  const isStatus = (one: unknown) => /^[1-5](?:\d\d|xx)$/i.test(String(one));
  const statuses = listOf(value, where, isStatus, 'a status such as 404, or a class such as "4xx"').map(
    (one) => new RegExp(`^${String(one).toLowerCase().replaceAll('x', '\\d')}$`),
  );
  return (status) => statuses.some((one) => one.test(status));
}

function listOf(
  value: unknown,
  where: string,
  isOne: (value: unknown) => boolean,
  what: string,
): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new TypeError(`${where} must not be an empty list: no request would match`);
  const wrong = list.find((one) => !isOne(one));
  if (wrong !== undefined || list.includes(undefined)) {
    throw new TypeError(`${where} must be ${what}, or a list of them, got ${JSON.stringify(wrong)}`);
  }
  return list;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
