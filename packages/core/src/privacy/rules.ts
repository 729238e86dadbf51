// The rules that the options of privacy stand for, the defaults filled in and contradictions refused.
import type { JsonValue } from '../event/model.ts';
import { fullBudget } from './budget.ts';
import { createTailTest } from './name-tails.ts';
import { createNameTest, normalize, SECRET_NAMES } from './names.ts';
import type { KeyRule, PatternRule, PrivacyOptions } from './options.ts';
import { compilePattern } from './own-pattern.ts';
import { SECRET_PATTERNS } from './patterns.ts';
import { compilePointers } from './pointers.ts';
import { createTextRedactor } from './text-redactor.ts';
import { type Rules, redactParsed } from './walk.ts';
import { createTreatments, type Treatment } from './way.ts';

// The compiler refuses a name that is missing here, and one that is no option.
const NAMES: Readonly<Record<keyof PrivacyOptions, true>> = {
  enabled: true,
  keys: true,
  allowKeys: true,
  patterns: true,
  allowPatterns: true,
  pointers: true,
  way: true,
  hmacKey: true,
  defaults: true,
};

/** @throws TypeError, RangeError for options that contradict themselves, and for names that are none */
export function compileRules(options: PrivacyOptions): Rules {
  checkNames(options);
  const { allowKeys = [], allowPatterns = [], pointers = [], defaults = true } = options;
  for (const name of allowPatterns) {
    if (!isDefaultPattern(name))
      throw new RangeError(`privacy.allowPatterns: "${name}" is no default pattern`);
  }
  const keys = (options.keys ?? []).map((rule): KeyRule => (typeof rule === 'string' ? { key: rule } : rule));
  const names = keys.map(({ key }) => key);
  const patterns = options.patterns ?? [];
  const treatments = createTreatments(options.hmacKey);
  const fallback = treatments(options.way ?? 'mask');
  const treat = ({ way }: { readonly way?: PrivacyOptions['way'] }) =>
    way === undefined ? fallback : treatments(way);

  const isSecret = createNameTest({ keys: names, allowKeys, defaults });
  const treatmentOf = nameTreatments(keys, treat, fallback);
  const treatmentOfPattern = patternTreatments(patterns, treat, fallback);
  const budget = fullBudget();
  // `name` is what says in a multipart body that a name comes.
  const tailNames = [...(defaults ? SECRET_NAMES : []), ...names.map(normalize), 'name'];
  const rules: Rules = {
    isSecret,
    isSecretEnvelope:
      keys.length > 0 ? createNameTest({ keys: names, allowKeys, defaults: false }) : undefined,
    treatmentOf,
    places: compilePointers(
      pointers.map((rule) =>
        typeof rule === 'string'
          ? { pointer: rule, treatment: fallback }
          : { pointer: rule.pointer, treatment: treat(rule) },
      ),
    ),
    always: keys.length > 0 || pointers.length > 0,
    keyKinds: new Map(),
    cleared: new Set(),
    cards: defaults && !allowPatterns.includes('card-number') ? treatmentOfPattern('card-number') : undefined,
    budget,
    text: createTextRedactor({
      isSecret,
      endsInName: createTailTest(tailNames),
      treatmentOf,
      treatmentOfPattern,
      defaults,
      patterns: patterns.flatMap((rule) =>
        rule.pattern === undefined ? [] : [compilePattern(rule.name, rule.pattern, treat(rule), budget)],
      ),
      allowPatterns: new Set(allowPatterns),
      redactJson: (value, found, nesting) => redactParsed(value as JsonValue, rules, found, nesting),
    }),
  };
  return rules;
}

function checkNames(options: PrivacyOptions): void {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(NAMES, name))
      throw new RangeError(`privacy.${name} is no option; there are ${Object.keys(NAMES).join(', ')}`);
  }
  const { enabled = true } = options;
  if (typeof enabled !== 'boolean') throw new TypeError('privacy.enabled must be true or false');
  if (enabled) return;
  const other = Object.entries(options).find(([name, value]) => name !== 'enabled' && value !== undefined);
  if (other !== undefined)
    throw new RangeError(
      `privacy.enabled is false, so privacy.${other[0]} has no effect: leave one of them out`,
    );
}

function isDefaultPattern(name: string): boolean {
  return name === 'private-key' || SECRET_PATTERNS.some((known) => known.name === name);
}

/** What is done with the value of a secret name; of several rules for it the first counts. */
function nameTreatments(
  keys: readonly KeyRule[],
  treat: (rule: KeyRule) => Treatment,
  fallback: Treatment,
): (name: string) => Treatment {
  const own = keys
    .filter(({ way }) => way !== undefined)
    .map((rule) => ({
      matches: createNameTest({ keys: [rule.key], defaults: false }),
      treatment: treat(rule),
    }));
  if (own.length === 0) return () => fallback;
  return (name) => own.find(({ matches }) => matches(name))?.treatment ?? fallback;
}

/** What is done with what a default pattern matches. */
function patternTreatments(
  patterns: readonly PatternRule[],
  treat: (rule: PatternRule) => Treatment,
  fallback: Treatment,
): (name: string) => Treatment {
  const own = new Map<string, Treatment>();
  for (const rule of patterns) {
    if (rule.pattern !== undefined) continue;
    if (!isDefaultPattern(rule.name) || rule.way === undefined) {
      throw new TypeError(
        `privacy.patterns: "${rule.name}" needs a RegExp as its pattern; only a default pattern goes without, to give it a way`,
      );
    }
    own.set(rule.name, treat(rule));
  }
  return (name) => own.get(name) ?? fallback;
}
