// Takes secrets out of events: by key name, by value pattern, by pointer, and by what was found elsewhere in the
// same event. Runs before anything is hashed or stored, anywhere JavaScript runs.
import type { JsonObject, JsonValue } from '../event/model.ts';
import { refill } from './budget.ts';
import { isClean } from './clean.ts';
import type { PrivacyOptions } from './options.ts';
import { compileRules } from './rules.ts';
import { maskSameEvent } from './same-event.ts';
import { createWalk, type Rules, redactMembers } from './walk.ts';
import { REDACTION_ERROR } from './way.ts';

/** At most this many pointers are listed; beyond it redaction goes on unlisted. */
export const MAX_POINTERS = 256;

export interface Redaction {
  /** The event without its secrets; the object handed in where there were none. */
  readonly event: JsonObject;
  /** JSON Pointers to what was changed, at most `MAX_POINTERS`. */
  readonly pointers: readonly string[];
  /** JSON Pointers to texts too long to be searched whole: of these less is left, and nothing unsearched. */
  readonly cut: readonly string[];
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
  if (options.enabled === false) return { redact: (event) => ({ event, pointers: NONE, cut: NONE }) };
  return {
    redact(event) {
      try {
        return redactEvent(event, rules);
      } catch {
        return { event: fail(event), pointers: Object.keys(event).map((field) => `/${field}`), cut: NONE };
      }
    },
  };
}

/** What a log must say of itself where its rules are weaker than the default: sentences for `log.open` and `health()`. */
export function privacyWarnings({ enabled = true, defaults = true }: PrivacyOptions = {}): readonly string[] {
  if (!enabled) return [PRIVACY_OFF];
  return defaults ? [] : [DEFAULTS_OFF];
}

const PRIVACY_OFF =
  'privacy is switched off (privacy.enabled: false): secrets in events are recorded as they are; switch it on to have them redacted';
const DEFAULTS_OFF =
  'the default rules of privacy are off (privacy.defaults: false): only secrets that rules of your own name are redacted';

function redactEvent(event: JsonObject, rules: Rules): Redaction {
  refill(rules.budget);
  if (isClean(event, rules)) return { event, pointers: NONE, cut: NONE };
  refill(rules.budget);
  const walk = createWalk(rules);
  let out = redactMembers(event, walk, 'event', rules.places) as JsonObject;
  if (walk.secrets !== undefined) out = maskSameEvent(out, walk.secrets, walk.pointers, walk.cut);
  return { event: out, pointers: list(walk.pointers), cut: list(walk.cut) };
}

const NONE: readonly string[] = [];

function list(pointers: ReadonlySet<string>): readonly string[] {
  return pointers.size === 0 ? NONE : [...pointers].slice(0, MAX_POINTERS);
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
