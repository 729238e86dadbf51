// The first look at an event: nearly every one has nothing to hide, and for those this is all that happens.
import type { JsonObject, JsonValue } from '../event/model.ts';
import { affords, MAX_KEY, SHORT_TEXT } from './budget.ts';
import { type Rules, secretNameOf } from './walk.ts';

const CACHE_SIZE = 4_096;
/** Strings that are worth remembering: shorter ones are looked at faster than looked up. */
const MIN_CLEARED = 48;
const MAX_CLEARED = SHORT_TEXT;
/** Longer keys are not remembered. */
const MAX_KNOWN_KEY = 128;
/** Numbers below have fewer digits than a card number. */
const MIN_CARD_NUMBER = 1e12;

/** What is known about a key. */
const HARMLESS = 0;
const SUSPECT = 1;
/** `value`: what it holds depends on the `name` beside it. */
const VALUE = 2;

/** True only where `redactMembers` would change nothing. */
export function isClean(event: JsonObject, rules: Rules): boolean {
  if (rules.always) return false;
  for (const field in event) {
    const value = event[field];
    if (value === undefined) continue;
    if (typeof value === 'string') {
      if (!isCleared(value, rules)) return false;
    } else if (field === 'data' || Array.isArray(value)) {
      if (!isCleanValue(value, rules)) return false;
    } else if (!isCleanGroup(value as JsonObject, rules, field === 'trace')) return false;
  }
  return true;
}

/** @param unique its strings are ids that do not come again */
function isCleanGroup(group: JsonObject, rules: Rules, unique: boolean): boolean {
  for (const key in group) {
    const value = group[key];
    if (typeof value !== 'string') continue;
    if (unique && value.length <= MAX_CLEARED ? rules.text.suspects(value) : !isCleared(value, rules))
      return false;
  }
  return true;
}

/** User agents, media types and the like are in every event. Only strings that hold no secret are remembered. */
function isCleared(text: string, rules: Rules): boolean {
  if (text.length < MIN_CLEARED) return !rules.text.suspects(text);
  if (text.length > MAX_CLEARED) return affords(rules.budget, text) && !rules.text.suspects(text);
  if (rules.cleared.has(text)) return true;
  if (rules.text.suspects(text)) return false;
  if (rules.cleared.size >= CACHE_SIZE) rules.cleared.clear();
  // A copy: a part of a long text would keep all of that text in memory.
  rules.cleared.add(` ${text}`.slice(1));
  return true;
}

function isCleanValue(value: JsonValue, rules: Rules): boolean {
  if (typeof value === 'string') return isCleared(value, rules);
  if (typeof value === 'number') return value < MIN_CARD_NUMBER;
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) {
      // A name in a list says what the next item is: `--password`, a header.
      if (typeof item === 'string' && rules.isSecret(item)) return false;
      if (!isCleanValue(item, rules)) return false;
    }
    return true;
  }
  const object = value as JsonObject;
  for (const key in object) {
    const kind = keyKind(key, rules);
    if (kind === SUSPECT || (kind === VALUE && secretNameOf(object, key, rules.isSecret) !== undefined))
      return false;
    if (!isCleanValue(object[key] as JsonValue, rules)) return false;
  }
  return true;
}

function keyKind(key: string, rules: Rules): number {
  const known = rules.keyKinds.get(key);
  if (known !== undefined) return known;
  const suspect =
    key.length > MAX_KEY || !affords(rules.budget, key) || rules.isSecret(key) || rules.text.suspects(key);
  const kind = suspect ? SUSPECT : key === 'value' || key === 'Value' ? VALUE : HARMLESS;
  if (rules.keyKinds.size >= CACHE_SIZE) rules.keyKinds.clear();
  if (key.length <= MAX_KNOWN_KEY) rules.keyKinds.set(key, kind);
  return kind;
}
