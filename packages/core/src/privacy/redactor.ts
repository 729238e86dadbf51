// Takes secrets out of events: by key name, by value pattern, by pointer, and by what was found elsewhere in the
// same event. Runs before anything is hashed or stored, anywhere JavaScript runs.
import type { JsonObject, JsonValue } from '../event/model.ts';
import { isClean } from './clean.ts';
import { createNameTest } from './names.ts';
import type { PrivacyOptions } from './options.ts';
import { SECRET_PATTERNS, type SecretPattern } from './patterns.ts';
import { compilePointers } from './pointers.ts';
import { maskSameEvent } from './same-event.ts';
import { createTextRedactor } from './text-redactor.ts';
import { createWalk, type Rules, redactMembers, redactParsed } from './walk.ts';
import { createReplacement, REDACTION_ERROR } from './way.ts';

/** At most this many pointers are listed; beyond it redaction goes on unlisted. */
export const MAX_POINTERS = 256;

export interface Redaction {
  /** The event without its secrets; the object handed in where there were none. */
  readonly event: JsonObject;
  /** JSON Pointers to what was changed, at most `MAX_POINTERS`. */
  readonly pointers: readonly string[];
}

/** Takes secrets out of events. */
export interface Redactor {
  /**
   * Never throws: where redaction itself fails, `[REDACTION_ERROR]` takes the value's place.
   *
   * @param event the parts of an entry that can hold a secret (`operation`, `resource`, `actor`, `trace`,
   *   `error`, `data`; other fields are strings or lists of them), as plain JSON; never changed
   */
  redact(event: JsonObject): Redaction;
}

/**
 * A redactor by rules. Without options the default lists hold (`SECRET_NAMES`, `SECRET_PATTERNS`) and what they
 * match becomes `[REDACTED]`.
 *
 * - Under a secret **name** in `data` the whole value goes, at any depth; booleans, null and `""` stay. The
 *   names of the envelope (`actor.sessionId`) are the format's own: only `options.keys` apply to them.
 * - Every **string** anywhere in the event is searched for secrets by pattern and by the name before them.
 * - **Same event**: a secret of four characters or more found by either is also masked where it appears inside
 *   other strings of the event, raw, percent-encoded or in base64. `actor.type`, `actor.id`, `actor.ip`,
 *   `resource.type` and `trace` are exempt, for a client that sends them as its "password" must not be able to
 *   hide who did it.
 *
 * @throws TypeError, RangeError for options that contradict themselves
 */
export function createRedactor(options: PrivacyOptions = {}): Redactor {
  const rules = compileRules(options);
  return {
    redact(event) {
      try {
        return redactEvent(event, rules);
      } catch {
        return { event: fail(event), pointers: Object.keys(event).map((field) => `/${field}`) };
      }
    },
  };
}

function redactEvent(event: JsonObject, rules: Rules): Redaction {
  if (isClean(event, rules)) return { event, pointers: NONE };
  const walk = createWalk(rules);
  let out = redactMembers(event, walk, 'event', rules.places) as JsonObject;
  if (walk.secrets !== undefined) out = maskSameEvent(out, walk.secrets, walk.pointers, rules.replacement);
  return { event: out, pointers: list(walk.pointers) };
}

const NONE: readonly string[] = [];

function list(pointers: ReadonlySet<string>): readonly string[] {
  return pointers.size === 0 ? NONE : [...pointers].slice(0, MAX_POINTERS);
}

/** The rules that options stand for, the defaults filled in. */
export function compileRules(options: PrivacyOptions): Rules {
  const {
    keys = [],
    allowKeys = [],
    patterns = [],
    allowPatterns = [],
    pointers = [],
    defaults = true,
  } = options;
  for (const name of allowPatterns) {
    if (name !== 'private-key' && !SECRET_PATTERNS.some((known) => known.name === name)) {
      throw new RangeError(`privacy.allowPatterns: "${name}" is no default pattern`);
    }
  }
  const replacement = createReplacement(options.way ?? 'mask', options.hmacKey);
  const isSecret = createNameTest({ keys, allowKeys, defaults });
  const rules: Rules = {
    isSecret,
    isSecretEnvelope: keys.length > 0 ? createNameTest({ keys, allowKeys, defaults: false }) : undefined,
    replacement,
    remove: options.way === 'remove',
    places: compilePointers(pointers),
    always: keys.length > 0 || pointers.length > 0 || patterns.length > 0,
    keyKinds: new Map(),
    cleared: new Set(),
    cardNumbers: defaults && !allowPatterns.includes('card-number'),
    text: createTextRedactor({
      isSecret,
      replacement,
      defaults,
      patterns: patterns.map(ownPattern),
      allowPatterns: new Set(allowPatterns),
      redactJson: (value, found, nesting) => redactParsed(value as JsonValue, rules, found, nesting),
    }),
  };
  return rules;
}

function ownPattern({ name, pattern }: { readonly name: string; readonly pattern: RegExp }): SecretPattern {
  if (!(pattern instanceof RegExp))
    throw new TypeError(`privacy.patterns: "${name}" needs a RegExp as its pattern`);
  // A copy of our own: global, so that every match goes, and with a lastIndex nobody else moves.
  const flags = new Set([...pattern.flags, 'g']);
  flags.delete('y');
  return { name, pattern: new RegExp(pattern.source, [...flags].join('')) };
}

/** What is left where redaction failed as a whole: the shape of an event, and not one of its values. */
function fail(event: JsonObject): JsonObject {
  const out: Record<string, JsonValue> = {};
  for (const field of Object.keys(event)) {
    if (event[field] === undefined) continue;
    if (field === 'operation') out[field] = REDACTION_ERROR;
    else if (field === 'resource' || field === 'actor')
      out[field] = { type: REDACTION_ERROR, id: REDACTION_ERROR };
    else if (field === 'error') out[field] = { message: REDACTION_ERROR };
    else if (field === 'data') out[field] = { error: REDACTION_ERROR };
  }
  return out;
}
