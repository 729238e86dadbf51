// The limits of one container: those of the options, changed by what its labels say.
import { LIMIT_ACTIONS, type LimitAction, RESOURCES, type ResourceKind } from './kinds.ts';
import type { LimitRules } from './options.ts';
import { type LimitRule, parseRule } from './rule.ts';

/** Labels that begin so are read, and told where they say nothing. */
export const LABEL_PREFIX = 'audit.limits.';

export interface ContainerLimits {
  readonly rules: LimitRules;
  /** What is done where a limit does not say it. */
  readonly action: LimitAction;
  /** Never paused, stopped or killed. */
  readonly protect: boolean;
  /** A sentence for each label that says nothing; what the options say holds instead. */
  readonly problems: readonly string[];
}

/**
 * - `audit.limits.<memory|cpu|pids|disk|network|time|restarts>`: a limit as in the options, or `off`
 * - `audit.limits.action`: what is done where a limit does not say it
 * - `audit.limits.protect`: `true` or `false`
 */
export function limitsOf(
  labels: Readonly<Record<string, string>>,
  defaults: { readonly rules: LimitRules; readonly action: LimitAction },
): ContainerLimits {
  const own = Object.entries(labels).filter(([name]) => name.startsWith(LABEL_PREFIX));
  if (own.length === 0) return { ...defaults, protect: false, problems: [] };
  const rules = new Map<ResourceKind, LimitRule>(defaults.rules);
  let { action } = defaults;
  let protect = false;
  const problems: string[] = [];
  for (const [label, value] of own) {
    const name = label.slice(LABEL_PREFIX.length);
    const said = JSON.stringify(value.slice(0, 64));
    if (isResource(name)) {
      try {
        setRule(rules, name, value);
      } catch (error) {
        problems.push(`Label ${label}: ${(error as Error).message}`);
      }
    } else if (name === 'action') {
      if (isAction(value)) action = value;
      else problems.push(`Label ${label}: ${said} is none of ${LIMIT_ACTIONS.join(', ')}`);
    } else if (name === 'protect') {
      if (value === 'true' || value === 'false') protect = value === 'true';
      else problems.push(`Label ${label}: ${said} is neither true nor false`);
    } else {
      const known = [...RESOURCES, 'action', 'protect'].join(', ');
      problems.push(`Label ${label.slice(0, 64)} limits nothing; there are ${LABEL_PREFIX}{${known}}`);
    }
  }
  return { rules, action, protect, problems };
}

function setRule(rules: Map<ResourceKind, LimitRule>, kind: ResourceKind, text: string): void {
  const rule = parseRule(kind, text);
  if (rule === null) rules.delete(kind);
  else rules.set(kind, rule);
}

function isResource(name: string): name is ResourceKind {
  return (RESOURCES as readonly string[]).includes(name);
}

function isAction(value: string): value is LimitAction {
  return (LIMIT_ACTIONS as readonly string[]).includes(value);
}
