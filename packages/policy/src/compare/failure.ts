// Whether a policy keeps less of what cannot be recorded than another did: type by type.
import { ON_FAILURE, type OnFailure } from '@audit/core';
import { covers } from '../events/resolve.ts';
import type { Policy } from '../parse.ts';

/** From the strictest on. Where no rule says anything it is the last: core's default. */
const ORDER: readonly OnFailure[] = ON_FAILURE;

/** @param pattern the types that are looked at */
export function failsWorse(pattern: string, before: Policy, after: Policy): boolean {
  const rules = [...rulesOf(before), ...rulesOf(after)];
  const types = [...new Set([...rules.map(({ type }) => type), '*'])].map((type) =>
    type.replace(/\*$/, '\u0001'),
  );
  return types
    .filter((type) => covers(pattern, type))
    .some((type) => ORDER.indexOf(choose(type, after)) > ORDER.indexOf(choose(type, before)));
}

interface Rule {
  readonly type: string;
  readonly onFailure: OnFailure;
}

function choose(type: string, policy: Policy): OnFailure {
  return rulesOf(policy).find((rule) => covers(rule.type, type))?.onFailure ?? 'best-effort';
}

/** A policy says one type a rule, most specific first. */
function rulesOf({ log: { onFailure } }: Policy): readonly Rule[] {
  return Array.isArray(onFailure) ? (onFailure as readonly Rule[]) : [];
}
