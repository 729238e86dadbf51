// The one walk over an event's values. Copies only what changes.
import { canonicalize } from '../event/canonical.ts';
import type { JsonObject, JsonValue } from '../event/model.ts';
import { pointerToken } from '../event/text.ts';
import type { NameTest } from './names.ts';
import { isCardNumber } from './patterns.ts';
import { isEnd, NOWHERE, type Places, step } from './pointers.ts';
import { SecretSet } from './same-event.ts';
import type { TextRedactor } from './text-redactor.ts';
import { isReplacement, REDACTED, REDACTION_ERROR, type Replacement } from './way.ts';

/** JSON inside of a text may be nested deeper than any event; below this it goes as a whole. */
const MAX_DEPTH = 64;

export interface Rules {
  /** Names in `data`. */
  readonly isSecret: NameTest;
  /** Names in the envelope; undefined where no rule names any. */
  readonly isSecretEnvelope: NameTest | undefined;
  readonly replacement: Replacement;
  /** Whole values go with their key. */
  readonly remove: boolean;
  readonly places: Places;
  readonly cardNumbers: boolean;
  /** No look at an event suffices: it has to be walked. */
  readonly always: boolean;
  readonly text: TextRedactor;
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
  /** Made when the first secret is found. */
  secrets: SecretSet | undefined;
  readonly found: (secret: string) => void;
  /** How many texts inside of texts lead here. */
  readonly nesting: number;
}

export function createWalk(rules: Rules, nesting = 0): Walk {
  const walk: Walk = {
    rules,
    path: [],
    pointers: new Set(),
    secrets: undefined,
    found(secret) {
      walk.secrets ??= new SecretSet();
      walk.secrets.add(secret);
    },
    nesting,
  };
  return walk;
}

/** JSON that was found inside of a text: no pointers, and what is found belongs to the event around it. */
export function redactParsed(
  value: JsonValue,
  rules: Rules,
  found: (secret: string) => void,
  nesting: number,
): JsonValue {
  const walk: Walk = { rules, path: [], pointers: new Set(), secrets: undefined, found, nesting };
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
    if (!redactor.suspects(text)) return text;
    out = redactor.redact(text, walk.found, walk.nesting);
  } catch {
    // A pattern that fails must not let its text through.
    out = REDACTION_ERROR;
  }
  if (out !== text) tell(walk);
  return out;
}

function redactNumber(value: number, walk: Walk): JsonValue | undefined {
  if (!walk.rules.cardNumbers || value < 1e12 || !Number.isSafeInteger(value) || !isCardNumber(String(value)))
    return value;
  return replace(value, walk);
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
    const name = region === 'data' && rules.text.suspects(key) ? keyText(key, walk) : key;
    walk.path.push(name);
    const there = step(places, key);
    let redacted: JsonValue | undefined;
    if (isEnd(there)) redacted = redactWhole(value, walk, region);
    else if (isSecret !== undefined && region !== 'event' && isSecretMember(object, key, isSecret))
      redacted = replace(value, walk);
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

/** A name that is secret, or `value` beside `name: 'password'`, as lists of headers and fields have it. */
export function isSecretMember(object: JsonObject, key: string, isSecret: NameTest): boolean {
  if (isSecret(key)) return true;
  if (key !== 'value' && key !== 'Value') return false;
  const name = object.name ?? object.key ?? object.Name ?? object.Key ?? object.header ?? object.field;
  return typeof name === 'string' && isSecret(name);
}

/** A secret can stand in a key too: `{'token=…': ''}` is what a form parser makes of a strange body. */
function keyText(key: string, walk: Walk): string {
  try {
    return walk.rules.text.redact(key, walk.found, walk.nesting);
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
    let redacted: JsonValue | undefined;
    if (isEnd(there)) redacted = redactWhole(item, walk, region);
    else if (pairs) redacted = redactPair(item as readonly [string, JsonValue], walk, there);
    else if (
      region === 'data' &&
      typeof before === 'string' &&
      isNamedBy(before, flat && i % 2 === 1, isSecret)
    )
      redacted = replace(item, walk);
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
  const value = replace(pair[1], walk);
  walk.path.pop();
  return value === pair[1] ? pair : [pair[0], value ?? null];
}

/** What a pointer ends at: a value, or a group of the envelope, whose members go one by one. */
function redactWhole(value: JsonValue, walk: Walk, region: Region): JsonValue | undefined {
  if (region !== 'event' || typeof value !== 'object' || value === null) return replace(value, walk);
  const data = walk.path[0] === 'data';
  if (walk.rules.remove && !data && walk.path[0] !== 'resource') {
    tell(walk);
    return undefined;
  }
  const out: Record<string, JsonValue> = {};
  tell(walk);
  if (data) {
    collect(value, walk);
    return out;
  }
  for (const [key, text] of Object.entries(value as JsonObject)) {
    if (typeof text !== 'string') continue;
    walk.found(text);
    const replaced = walk.rules.replacement(text);
    if (replaced !== '') out[key] = replaced;
    else if (REQUIRED.has(key)) out[key] = REDACTED;
  }
  return out;
}

/** A whole value that is secret. Booleans, null and the empty string tell nothing and stay. */
function replace(value: JsonValue, walk: Walk): JsonValue | undefined {
  if (value === null || typeof value === 'boolean' || value === '') return value;
  if (typeof value === 'string' && isReplacement(value)) return value;
  collect(value, walk);
  tell(walk);
  if (walk.rules.remove) return undefined;
  return walk.rules.replacement(typeof value === 'object' ? canonicalize(value) : String(value));
}

function collect(value: JsonValue, walk: Walk): void {
  if (typeof value === 'string') {
    walk.found(value);
    // What is secret inside of the secret, too: the password in a connection string.
    if (walk.rules.text.suspects(value)) walk.rules.text.redact(value, walk.found, walk.nesting);
  } else if (typeof value === 'number') walk.found(String(value));
  else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) collect(item as JsonValue, walk);
  }
}

function tell(walk: Walk): void {
  walk.pointers.add(walk.path.map((key) => `/${pointerToken(key)}`).join(''));
}
