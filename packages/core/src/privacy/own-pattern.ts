// A pattern of the caller's own. JavaScript's engine may need exponential time for one; this one (RE2) is linear, and
// what many matches would cost is bounded besides. May import `re2js`.
import { RE2JS } from 're2js';
import type { Budget } from './budget.ts';
import { isReplacement, REDACTION_ERROR, type Treatment } from './way.ts';

/** Instructions of the largest pattern: `\b[a-z]{1,100}\b` has some hundred. */
export const MAX_PATTERN_SIZE = 2_000;
/** Whether there is a match is found this much faster than where. */
const TEST_FACTOR = 8;

/** A compiled pattern. */
export interface OwnPattern {
  /** True where there may be a match. */
  occursIn(text: string): boolean;
  /** `text` with its matches replaced; `found` is told each. What it costs too much to search is not kept. */
  redact(text: string, found: (secret: string, treatment: Treatment) => void): string;
}

/**
 * @param budget what all patterns may cost in one event
 * @throws TypeError for what is no RegExp
 * @throws RangeError for one that cannot be run in linear time, or that is too large
 */
export function compilePattern(
  name: string,
  pattern: RegExp,
  treatment: Treatment,
  budget: Budget,
): OwnPattern {
  if (!(pattern instanceof RegExp))
    throw new TypeError(`privacy.patterns: "${name}" needs a RegExp as its pattern`);
  const engine = compile(name, pattern);
  const size = engine.programSize();
  if (size > MAX_PATTERN_SIZE) {
    throw new RangeError(
      `privacy.patterns: "${name}" becomes ${size} instructions, ${MAX_PATTERN_SIZE} are allowed; use smaller counts in { }`,
    );
  }
  const hasGroup = Object.hasOwn(engine.namedGroups(), 'secret');

  function redact(text: string, found: (secret: string, treatment: Treatment) => void): string {
    if (!occursIn(text)) return text;
    const matcher = engine.matcher(text);
    let out = '';
    let done = 0;
    // A search for all matches is quadratic even here where each one looks far ahead: `a.*b|a`.
    for (let from = 0; from <= text.length; ) {
      budget.steps -= (text.length - from) * size;
      if (budget.steps < 0) return out + text.slice(done, from) + REDACTION_ERROR;
      if (!matcher.find(from)) break;
      const matchEnd = matcher.end();
      from = matchEnd > matcher.start() ? matchEnd : matchEnd + 1;
      const inGroup = hasGroup && matcher.start('secret') >= 0;
      const start = inGroup ? matcher.start('secret') : matcher.start();
      const end = inGroup ? matcher.end('secret') : matchEnd;
      const secret = text.slice(start, end);
      if (secret === '' || isReplacement(secret)) continue;
      found(secret, treatment);
      out += text.slice(done, start) + treatment.replacement(secret);
      done = end;
    }
    return out + text.slice(done);
  }

  function occursIn(text: string): boolean {
    budget.steps -= Math.ceil((text.length * size) / TEST_FACTOR);
    // Without the means to look, it must be taken for one.
    return budget.steps < 0 || engine.test(text);
  }

  return { occursIn, redact };
}

function compile(name: string, pattern: RegExp): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch (error) {
    throw new RangeError(
      `privacy.patterns: "${name}" cannot be run in linear time (${(error as Error).message}): write it without look-around, back-references and counts above 1000`,
      { cause: error },
    );
  }
}
