// The one walk over an event's values. Copies only what changes.
import { canonicalize } from '../event/canonical.ts';
import type { JsonObject, JsonValue } from '../event/model.ts';
import { pointerToken } from '../event/text.ts';
import type { Found } from './assignments.ts';
import { affords, type Budget, beginning, MARGIN, MAX_KEY, MAX_TEXT } from './budget.ts';
import type { NameTest } from './names.ts';
import { isCardNumber } from './patterns.ts';
import { endOf, NOWHERE, type Places, step } from './pointers.ts';
import { SecretSet } from './same-event.ts';
import type { TextRedactor } from './text-redactor.ts';
import { isReplacement, REDACTED, REDACTION_ERROR, type Treatment } from './way.ts';

/** JSON inside of a text may be nested deeper than any event; below this it goes as a whole. */
const MAX_DEPTH = 64;

export interface Rules {
  /** Names in `data`. */
  readonly isSecret: NameTest;
  /** Names in the envelope; undefined where no rule names any. */
  readonly isSecretEnvelope: NameTest | undefined;
  /** What is done with the value of a secret name. */
  readonly treatmentOf: (name: string) => Treatment;
  readonly places: Places;
  /** What is done with numbers that are card numbers; undefined where those are no secrets. */
  readonly cards: Treatment | undefined;
  /** No look at an event suffices: it has to be walked. */
  readonly always: boolean;
  readonly text: TextRedactor;
  /** What is left of what this event may cost. */
  readonly budget: Budget;
  /** What `isClean` knows about keys it has seen. */
  readonly keyKinds: Map<string, number>;
  /** Strings in which `isClean` found nothing to suspect. */
  readonly cleared: Set<string>;
}

export interface Walk {
  readonly rules: Rules;
  /** The keys that lead to the current value, without secrets of their own. */
  readonly path: string[];
  readonly pointers: Set<string>;
  /** Pointers to texts that were cut before they were searched. */
  readonly cut: Set<string>;
  /** Made when the first secret is found. */
  secrets: SecretSet | undefined;
  readonly found: Found;
  /** How many texts inside of texts lead here. */
  readonly nesting: number;
}

export function createWalk(rules: Rules, nesting = 0): Walk {
  const walk: Walk = {
    rules,
    path: [],
    pointers: new Set(),
    cut: new Set(),
    secrets: undefined,
    found(secret, treatment) {
      walk.secrets ??= new SecretSet();
      walk.secrets.add(secret, treatment);
    },
    nesting,
  };
  return walk;
}

/** JSON that was found inside of a text: no pointers, and what is found belongs to the event around it. */
export function redactParsed(value: JsonValue, rules: Rules, found: Found, nesting: number): JsonValue {
  const walk: Walk = {
    rules,
    path: [],
    pointers: new Set(),
    cut: new Set(),
    secrets: undefined,
    found,
    nesting,
  };
  return redactValue(value, walk, 'data', NOWHERE) ?? REDACTED;
}

/**
 * Where in the event: the event itself, one of its groups (`actor`, …), or `data` and what is in it. `data` is
 * searched by the default names, the others only by names of the caller's own.
 */
type Region = 'event' | 'group' | 'data';

/** Fields that an entry cannot be without, or that cannot be empty. */
const REQUIRED: ReadonlySet<string> = new Set(['operation', 'type', 'id', 'message']);

/** `undefined`: the value is to be removed. */
function redactValue(value: JsonValue, walk: Walk, region: Region, places: Places): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
      return redactText(value, walk);
    case 'number':
      return redactNumber(value, walk);
    case 'object':
      if (value === null) return null;
      if (walk.path.length >= MAX_DEPTH) return REDACTED;
      return Array.isArray(value)
        ? redactItems(value as readonly JsonValue[], walk, region, places)
        : redactMembers(value as JsonObject, walk, region, places);
    default:
      return value;
  }
}

function redactText(text: string, walk: Walk): string {
  const redactor = walk.rules.text;
  let out: string;
  try {
    if (walk.nesting === 0 && !affords(walk.rules.budget, text)) return redactBeginning(text, walk);
    if (!redactor.suspects(text)) return text;
    out = redactor.redact(text, walk.found, walk.nesting);
  } catch {
    // A pattern that fails must not let its text through.
    out = REDACTION_ERROR;
  }
  if (out !== text) tell(walk);
  return out;
}

/** Of a text that is too long: what can be searched, without its end, where a secret may be cut in two. */
function redactBeginning(text: string, walk: Walk): string {
  walk.cut.add(pointerOf(walk));
  if (walk.rules.budget.text < 0) return '';
  const searched = beginning(text, MAX_TEXT);
  const out = walk.rules.text.redact(searched, walk.found, walk.nesting);
  if (out !== searched) tell(walk);
  return beginning(out, Math.max(0, out.length - MARGIN));
}

function redactNumber(value: number, walk: Walk): JsonValue | undefined {
  const { cards } = walk.rules;
  if (cards === undefined || value < 1e12 || !Number.isSafeInteger(value) || !isCardNumber(String(value)))
    return value;
  return replace(value, walk, cards);
}

export function redactMembers(object: JsonObject, walk: Walk, region: Region, places: Places): JsonObject {
  const { rules } = walk;
  const isSecret = region === 'data' ? rules.isSecret : rules.isSecretEnvelope;
  const keys = Object.keys(object);
  let out: [string, JsonValue][] | undefined;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const value = object[key];
    if (value === undefined) continue;
    const name = region === 'data' ? keyText(key, walk) : key;
    walk.path.push(name);
    if (name !== key) tell(walk);
    const there = step(places, key);
    const end = endOf(there);
    const secretName =
      isSecret === undefined || region === 'event' ? undefined : secretNameOf(object, key, isSecret);
    let redacted: JsonValue | undefined;
    if (end !== undefined) redacted = redactWhole(value, walk, region, end);
    else if (secretName !== undefined) redacted = replace(value, walk, rules.treatmentOf(secretName));
    else
      redacted = redactValue(
        value,
        walk,
        region === 'event' && key !== 'data' ? 'group' : region === 'event' ? 'data' : region,
        there,
      );
    if (region !== 'data' && REQUIRED.has(key) && (redacted === undefined || redacted === '') && value !== '')
      redacted = REDACTED;
    walk.path.pop();
    if (out === undefined) {
      if (redacted === value && name === key) continue;
      out = keys.slice(0, i).map((before) => [before, object[before] as JsonValue]);
    }
    if (redacted !== undefined) out.push([free(name, name === key, out), redacted]);
  }
  return out === undefined ? object : Object.fromEntries(out);
}

/**
 * The name by which a member is secret: its own, or `password` for `value` beside `name: 'password'`, as lists of
 * headers and fields have it.
 */
export function secretNameOf(object: JsonObject, key: string, isSecret: NameTest): string | undefined {
  if (isSecret(key)) return key;
  if (key !== 'value' && key !== 'Value') return undefined;
  const name = object.name ?? object.key ?? object.Name ?? object.Key ?? object.header ?? object.field;
  return typeof name === 'string' && isSecret(name) ? name : undefined;
}

/** A secret can stand in a key too: `{'token=…': ''}` is what a form parser makes of a strange body. */
function keyText(key: string, walk: Walk): string {
  const { text, budget } = walk.rules;
  try {
    if (key.length > MAX_KEY || !affords(budget, key)) return REDACTION_ERROR;
    return text.suspects(key) ? text.redact(key, walk.found, walk.nesting) : key;
  } catch {
    return REDACTION_ERROR;
  }
}

function free(name: string, own: boolean, members: readonly (readonly [string, JsonValue])[]): string {
  if (own) return name;
  let candidate = name;
  for (let count = 2; members.some(([key]) => key === candidate); count++) candidate = `${name}~${count}`;
  return candidate;
}

function redactItems(
  items: readonly JsonValue[],
  walk: Walk,
  region: Region,
  places: Places,
): readonly JsonValue[] {
  const { isSecret } = walk.rules;
  const pairs = region === 'data' && items.every(isPair);
  const flat = region === 'data' && /^raw_?headers$|^rawtrailers$/i.test(walk.path.at(-1) ?? '');
  let out: JsonValue[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as JsonValue;
    const before = items[i - 1];
    walk.path.push(String(i));
    const there = step(places, String(i));
    const end = endOf(there);
    let redacted: JsonValue | undefined;
    if (end !== undefined) redacted = redactWhole(item, walk, region, end);
    else if (pairs) redacted = redactPair(item as readonly [string, JsonValue], walk, there);
    else if (
      region === 'data' &&
      typeof before === 'string' &&
      isNamedBy(before, flat && i % 2 === 1, isSecret)
    )
      redacted = replace(item, walk, walk.rules.treatmentOf(before));
    else redacted = redactValue(item, walk, region, there);
    walk.path.pop();
    if (out === undefined && redacted !== item) out = items.slice(0, i);
    out?.push(redacted ?? null);
  }
  return out ?? items;
}

/** The item after `--password` in a command, or after a name in a flat list of headers. */
function isNamedBy(before: string, header: boolean, isSecret: NameTest): boolean {
  return (header || /^--?[A-Za-z][\w-]*$/.test(before)) && isSecret(before);
}

function isPair(item: JsonValue): boolean {
  return Array.isArray(item) && item.length === 2 && typeof item[0] === 'string';
}

/** `['authorization', 'Bearer …']` in a list of such pairs. */
function redactPair(pair: readonly [string, JsonValue], walk: Walk, places: Places): JsonValue | undefined {
  if (!walk.rules.isSecret(pair[0])) return redactValue(pair, walk, 'data', places);
  walk.path.push('1');
  const value = replace(pair[1], walk, walk.rules.treatmentOf(pair[0]));
  walk.path.pop();
  return value === pair[1] ? pair : [pair[0], value ?? null];
}

/** What a pointer ends at: a value, or a group of the envelope, whose members go one by one. */
function redactWhole(
  value: JsonValue,
  walk: Walk,
  region: Region,
  treatment: Treatment,
): JsonValue | undefined {
  if (region !== 'event' || typeof value !== 'object' || value === null)
    return replace(value, walk, treatment);
  const data = walk.path[0] === 'data';
  if (treatment.removes && !data && walk.path[0] !== 'resource') {
    tell(walk);
    return undefined;
  }
  const out: Record<string, JsonValue> = {};
  tell(walk);
  if (data) {
    collect(value, walk, treatment);
    return out;
  }
  for (const [key, text] of Object.entries(value as JsonObject)) {
    if (typeof text !== 'string') continue;
    walk.found(text, treatment);
    const replaced = treatment.replacement(text);
    if (replaced !== '') out[key] = replaced;
    else if (REQUIRED.has(key)) out[key] = REDACTED;
  }
  return out;
}

/** A whole value that is secret. Booleans, null and the empty string tell nothing and stay. */
function replace(value: JsonValue, walk: Walk, treatment: Treatment): JsonValue | undefined {
  if (value === null || typeof value === 'boolean' || value === '') return value;
  if (typeof value === 'string' && isReplacement(value)) return value;
  collect(value, walk, treatment);
  tell(walk);
  if (treatment.removes) return undefined;
  return treatment.replacement(typeof value === 'object' ? canonicalize(value) : String(value));
}

function collect(value: JsonValue, walk: Walk, treatment: Treatment): void {
  if (typeof value === 'string') {
    walk.found(beginning(value, MAX_TEXT), treatment);
    // What is secret inside of the secret, too: the password in a connection string.
    const { text } = walk.rules;
    const part = value.length > MAX_TEXT ? beginning(value, MAX_TEXT) : value;
    if (text.suspects(part)) text.redact(part, walk.found, walk.nesting);
  } else if (typeof value === 'number') walk.found(String(value), treatment);
  else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) collect(item as JsonValue, walk, treatment);
  }
}

function tell(walk: Walk): void {
  walk.pointers.add(pointerOf(walk));
}

function pointerOf(walk: Walk): string {
  return walk.path.map((key) => `/${pointerToken(key)}`).join('');
}
