// Any JavaScript value as a JSON value, by the table of formats.md, *Values JSON cannot hold*. Never throws.
import { base64 } from './base64.ts';
import { canonicalize, sortKeys } from './canonical.ts';
import type { JsonObject, JsonValue } from './model.ts';
import { pointerToken, wellFormed } from './text.ts';

/** Containers inside containers, the outermost counting as one. */
export const MAX_DEPTH = 32;
/** Values in all, containers and what they hold alike. */
export const MAX_NODES = 10_000;

/** What stands for a container that is inside itself. */
export const CIRCULAR = '[Circular]';
/** What stands for a value whose `toJSON`, getter or Proxy throws. */
export const UNREADABLE = '[Unreadable]';

export interface ConvertOptions {
  /** Default `MAX_DEPTH`. A container below is left empty. */
  readonly depth?: number;
  /** Default `MAX_NODES`. What comes after is left out. */
  readonly nodes?: number;
  /** Told the JSON Pointer of each container that a limit left without some or all of its members. */
  readonly onCut?: (pointer: string) => void;
}

interface Walk {
  readonly depth: number;
  nodes: number;
  readonly onCut: ((pointer: string) => void) | undefined;
  /** The containers around the current value: what a cycle leads back to. */
  readonly above: object[];
  /** The keys that lead to the current value; kept only where `onCut` wants to know. */
  readonly path: string[];
  /** Until something stands where RFC 8785 would not have it. */
  ordered: boolean;
  /** For each object under construction, the next number for a key that is taken; made when first needed. */
  taken: Map<object, Map<string, number>> | undefined;
}

/**
 * Any value as JSON. What JSON cannot hold becomes:
 *
 * | value | JSON | reversible |
 * |---|---|---|
 * | `Date` | RFC 3339 in UTC; invalid: `"Invalid Date"`; outside of the years 0–9999: ECMAScript's longer form | as a string |
 * | `bigint` | decimal string | no: reads as a string |
 * | typed array, `DataView`, `Buffer`, `ArrayBuffer` | base64 of its bytes | no: reads as a string |
 * | `Map` | object; a key that is no string becomes one | no |
 * | `Set` | array | no |
 * | `Error` | `{name, message, code?, stack?, cause?}`, and `errors` of an `AggregateError` | no |
 * | boxed string, number, boolean, bigint, symbol | what is in the box | no |
 * | symbol | its description, `""` without one | no |
 * | `undefined`, function | left out in objects, `null` elsewhere | no |
 * | `NaN`, `Infinity`, `-Infinity` | string of that name | no |
 * | `-0` | `0` | no |
 * | lone surrogate, in values and keys | U+FFFD | no |
 * | a container inside itself | `"[Circular]"`; one that merely occurs twice is written twice | no |
 * | throwing `toJSON`, getter, Proxy | `"[Unreadable]"` | no |
 * | keys that are equal after conversion | `key`, `key~2`, `key~3` in order | no |
 * | object with `toJSON` | what it returns (of dates, bytes and errors the rows above hold) | no |
 * | any other object | its own enumerable members with string keys, `__proto__` among them | as a plain object |
 *
 * The result is a copy that shares nothing with `value` and is safe to walk: plain objects and arrays, no
 * getters, no cycles, at most `depth` deep. Nothing but the value's own code can make this slow.
 */
export function toJson(value: unknown, options: ConvertOptions = {}): JsonValue {
  return convert(value, '', startWalk(options)) ?? null;
}

export interface Converted {
  readonly json: JsonValue;
  /** True only where `JSON.stringify(json)` is the canonical text of `json`. */
  readonly ordered: boolean;
}

/** `toJson`, and whether its result need not be sorted to be written. */
export function toOrderedJson(value: unknown, options: ConvertOptions = {}): Converted {
  const walk = startWalk(options);
  const json = convert(value, '', walk) ?? null;
  return { json, ordered: walk.ordered };
}

function startWalk(options: ConvertOptions): Walk {
  return {
    depth: options.depth ?? MAX_DEPTH,
    nodes: options.nodes ?? MAX_NODES,
    onCut: options.onCut,
    above: [],
    path: [],
    ordered: true,
    taken: undefined,
  };
}

/** `undefined` where the value has no place in JSON: the container decides whether that is a gap or a null. */
function convert(value: unknown, key: string, walk: Walk): JsonValue | undefined {
  walk.nodes--;
  switch (typeof value) {
    case 'string':
      return wellFormed(value);
    case 'number':
      return convertNumber(value);
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'symbol':
      return wellFormed(value.description ?? '');
    case 'object':
      if (value === null) return null;
      try {
        return convertObject(value, key, walk);
      } catch {
        // Code of the value's own threw (Proxy, toJSON, iterator): that costs this value, not the event.
        return UNREADABLE;
      }
    default:
      return undefined;
  }
}

function convertNumber(value: number): number | string {
  if (value - value !== 0) return String(value);
  return value === 0 ? 0 : value;
}

function convertObject(value: object, key: string, walk: Walk): JsonValue | undefined {
  const kind = kindOf(value);
  if (kind === 'leaf') {
    const leaf = convertLeaf(value);
    if (leaf !== undefined) return leaf;
  }
  if (walk.above.includes(value)) return CIRCULAR;
  if (kind !== 'error') {
    const toJSON = (value as { toJSON?: unknown }).toJSON;
    if (typeof toJSON === 'function') return convertReplaced(toJSON.call(value, key), key, walk);
  }
  return fill(value, kind, walk);
}

/** What `toJSON` returned: as JSON.stringify does, it is not asked for `toJSON` again. */
function convertReplaced(value: unknown, key: string, walk: Walk): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return convert(value, key, walk);
  const kind = kindOf(value);
  const leaf = kind === 'leaf' ? convertLeaf(value) : undefined;
  if (leaf !== undefined) return leaf;
  return walk.above.includes(value) ? CIRCULAR : fill(value, kind, walk);
}

type Kind = 'plain' | 'array' | 'map' | 'set' | 'error' | 'leaf';

// The tag tells built-ins of every realm apart, where instanceof knows only those of its own. An object may
// claim a tag that is not its own: the built-in method then throws, and it counts as a plain object.
function kindOf(value: object): Kind {
  if (Array.isArray(value)) return 'array';
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return 'plain';
  switch (tagOf(value)) {
    case '[object Object]':
      return value instanceof Error ? 'error' : 'plain';
    case '[object Map]':
      return hasBrand(value, mapSize) ? 'map' : 'plain';
    case '[object Set]':
      return hasBrand(value, setSize) ? 'set' : 'plain';
    case '[object Error]':
      return 'error';
    default:
      return value instanceof Error ? 'error' : 'leaf';
  }
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value);
}

// The getters of `size` are brand checks that no object can fake.
const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, 'size')?.get as () => number;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, 'size')?.get as () => number;

function hasBrand(value: object, size: () => number): boolean {
  try {
    size.call(value);
    return true;
  } catch {
    return false;
  }
}

/** Dates, bytes and boxed values; `undefined` for everything else. */
function convertLeaf(value: object): JsonValue | undefined {
  if (ArrayBuffer.isView(value))
    return base64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  try {
    switch (tagOf(value)) {
      case '[object Date]':
        return dateText(value as Date);
      case '[object ArrayBuffer]':
      case '[object SharedArrayBuffer]':
        return base64(new Uint8Array(value as ArrayBuffer));
      case '[object String]':
        return wellFormed(String.prototype.valueOf.call(value));
      case '[object Number]':
        return convertNumber(Number.prototype.valueOf.call(value));
      case '[object Boolean]':
        return Boolean.prototype.valueOf.call(value);
      case '[object BigInt]':
        return BigInt.prototype.valueOf.call(value).toString();
      case '[object Symbol]':
        return wellFormed(Symbol.prototype.valueOf.call(value).description ?? '');
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

function dateText(value: Date): string {
  const ms = Date.prototype.getTime.call(value);
  return Number.isNaN(ms) ? 'Invalid Date' : new Date(ms).toISOString();
}

function fill(value: object, kind: Kind, walk: Walk): JsonValue {
  if (walk.above.length >= walk.depth) {
    cutHere(walk);
    return kind === 'array' || kind === 'set' ? [] : {};
  }
  walk.above.push(value);
  try {
    switch (kind) {
      case 'array':
        return fillArray(value as readonly unknown[], walk);
      case 'set':
        return fillArray(setItems(value as Set<unknown>, walk), walk);
      case 'map':
        return fillMap(value as Map<unknown, unknown>, walk);
      case 'error':
        return fillError(value, walk);
      default:
        return fillObject(value, walk);
    }
  } finally {
    walk.above.pop();
  }
}

function setItems(value: Set<unknown>, walk: Walk): unknown[] {
  const items: unknown[] = [];
  const iterator = Set.prototype.values.call(value);
  for (let next = iterator.next(); !next.done; next = iterator.next()) {
    items.push(next.value);
    if (items.length > walk.nodes) break;
  }
  return items;
}

function fillArray(items: readonly unknown[], walk: Walk): JsonValue[] {
  const out: JsonValue[] = [];
  const length = items.length;
  for (let i = 0; i < length; i++) {
    if (walk.nodes <= 0) {
      cutHere(walk);
      break;
    }
    out.push(member(items, i, walk) ?? null);
  }
  return out;
}

function fillObject(value: object, walk: Walk): JsonObject {
  const out: Record<string, JsonValue> = {};
  // In canonical order already, so that writing it out later need not sort.
  const keys = sortKeys(Object.keys(value));
  // Keys of one object differ, and so do their names until one has to be mended.
  let distinct = true;
  for (let i = 0; i < keys.length; i++) {
    if (walk.nodes <= 0) {
      cutHere(walk);
      break;
    }
    const key = keys[i] as string;
    const converted = member(value, key, walk);
    if (converted === undefined) continue;
    distinct &&= isOrderly(key);
    if (distinct) out[key] = converted;
    else put(out, key, converted, walk);
  }
  if (!distinct) walk.ordered = false;
  return out;
}

/**
 * False for `__proto__`, for what `wellFormed` changes, and for what looks like an index, which engines put before every
 * other key.
 */
function isOrderly(key: string): boolean {
  const first = key.charCodeAt(0);
  return !(first >= 0x30 && first <= 0x39) && key !== '__proto__' && wellFormed(key) === key;
}

function fillMap(value: Map<unknown, unknown>, walk: Walk): JsonObject {
  const out: Record<string, JsonValue> = {};
  walk.ordered = false;
  const iterator = Map.prototype.entries.call(value);
  for (let next = iterator.next(); !next.done; next = iterator.next()) {
    if (walk.nodes <= 0) {
      cutHere(walk);
      break;
    }
    const key = mapKey(next.value[0], walk);
    const converted = descend(next.value[1], key, walk);
    if (converted !== undefined) put(out, key, converted, walk);
  }
  return out;
}

function mapKey(key: unknown, walk: Walk): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'function' || key === undefined) return typeof key;
  const json = toJson(key, { depth: walk.depth - walk.above.length, nodes: walk.nodes });
  return typeof json === 'string' ? json : canonicalize(json);
}

function fillError(value: object, walk: Walk): JsonObject {
  const out: Record<string, JsonValue> = {};
  walk.ordered = false;
  for (const key of ['name', 'message', 'code', 'stack', 'cause', 'errors']) {
    if (key === 'errors' && !(tagOf(value) === '[object Error]' && Object.hasOwn(value, 'errors'))) continue;
    if (walk.nodes <= 0) {
      cutHere(walk);
      break;
    }
    const converted = member(value, key, walk);
    if (converted !== undefined) put(out, key, converted, walk);
  }
  return out;
}

/** One member, read once. A getter that throws costs this member only. */
function member(container: object, key: string | number, walk: Walk): JsonValue | undefined {
  let value: unknown;
  try {
    value = (container as Record<string | number, unknown>)[key];
  } catch {
    walk.nodes--;
    return UNREADABLE;
  }
  if (typeof value !== 'object' || value === null) return convert(value, '', walk);
  return descend(value, String(key), walk);
}

function descend(value: unknown, key: string, walk: Walk): JsonValue | undefined {
  if (walk.onCut === undefined) return convert(value, key, walk);
  walk.path.push(key);
  const converted = convert(value, key, walk);
  walk.path.pop();
  return converted;
}

function cutHere(walk: Walk): void {
  walk.onCut?.(walk.path.map((key) => `/${pointerToken(wellFormed(key))}`).join(''));
}

/** Sets a member under a key that is well-formed and free, `__proto__` like any other. */
function put(out: Record<string, JsonValue>, key: string, value: JsonValue, walk: Walk): void {
  let name = wellFormed(key);
  if (name in out && Object.hasOwn(out, name)) name = freeName(out, name, walk);
  if (name === '__proto__') {
    // An assignment would call the setter and change the prototype instead.
    Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    out[name] = value;
  }
}

/** `name~2`, `name~3`, …; where the search left off is remembered, else many equal keys would cost n². */
function freeName(out: object, name: string, walk: Walk): string {
  walk.taken ??= new Map();
  let counts = walk.taken.get(out);
  if (counts === undefined) {
    counts = new Map();
    walk.taken.set(out, counts);
  }
  let count = counts.get(name) ?? 2;
  while (Object.hasOwn(out, `${name}~${count}`)) count++;
  counts.set(name, count + 1);
  return `${name}~${count}`;
}
