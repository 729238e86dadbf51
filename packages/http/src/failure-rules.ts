// What happens to a request that cannot be recorded: the rules of `onFailure`, asked when it arrives.
import { ON_FAILURE, type OnFailure } from '@audit/core';
import { anyMethod, anyPattern } from './detail.ts';

/**
 * - `strict`: it is answered with 503
 * - `spool`: it is answered, and its entry waits in the spool of the log
 * - `best-effort`: it is answered, and the log's own rules decide about its entry
 */
export type HttpOnFailure = OnFailure;

/** Of several rules the first that matches decides; `best-effort` where none does. */
export interface FailureRule {
  /** `POST`, in any case; a list means any of it. */
  readonly method?: string | readonly string[];
  /**
   * The path that is asked for, in any case, or its beginning where it ends in `*`. The route is not known when a
   * request arrives, and clients can spell a path in many ways: name what may go unrecorded rather than what may not.
   */
  readonly path?: string | readonly string[];
  readonly onFailure: HttpOnFailure;
}

/** The answer does not wait for the log. */
export const DEFAULT_ON_FAILURE: HttpOnFailure = 'best-effort';

export interface FailureRules {
  /** Whether every request is held to the log, whatever it is. */
  readonly always: HttpOnFailure | undefined;
  choose(method: string, path: string): HttpOnFailure;
}

const FIELDS = ['method', 'path', 'onFailure'];

/** @throws TypeError naming what of the option is wrong */
export function compileOnFailure(
  option: HttpOnFailure | readonly FailureRule[] = DEFAULT_ON_FAILURE,
): FailureRules {
  if (!Array.isArray(option)) {
    const always = checkOnFailure(option, 'options.onFailure');
    return { always, choose: () => always };
  }
  const rules = option.map((rule, i) => compileRule(rule, `options.onFailure[${i}]`));
  return {
    always: undefined,
    choose: (method, path) =>
      rules.find((rule) => (rule.method?.(method) ?? true) && (rule.path?.(plainPath(path)) ?? true))
        ?.onFailure ?? DEFAULT_ON_FAILURE,
  };
}

function compileRule(rule: FailureRule, where: string) {
  if (typeof rule !== 'object' || rule === null)
    throw new TypeError(`${where} must be an object with onFailure`);
  const unknown = Object.keys(rule).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`${where}.${unknown} is nothing a rule knows; there are ${FIELDS.join(', ')}`);
  }
  const { method, path } = rule;
  return {
    onFailure: checkOnFailure(rule.onFailure, `${where}.onFailure`),
    method: method === undefined ? undefined : anyMethod(method, `${where}.method`),
    path: path === undefined ? undefined : anyPattern(lowerCase(path), `${where}.path`),
  };
}

function checkOnFailure(value: unknown, where: string): HttpOnFailure {
  if (ON_FAILURE.includes(value as OnFailure)) return value as OnFailure;
  throw new TypeError(`${where} must be one of ${ON_FAILURE.join(', ')}, got ${JSON.stringify(value)}`);
}

function lowerCase(path: unknown): unknown {
  if (Array.isArray(path)) return path.map(lowerCase);
  return typeof path === 'string' ? path.toLowerCase() : path;
}

/** As routers read a path: percent-decoded, without case, repeated slashes and one at the end. */
function plainPath(path: string): string {
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // No valid encoding: compared as it is.
  }
  const plain = decoded.toLowerCase().replace(/\/{2,}/g, '/');
  return plain.length > 1 && plain.endsWith('/') ? plain.slice(0, -1) : plain;
}
