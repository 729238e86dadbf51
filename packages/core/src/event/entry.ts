// An entry's stored text read strictly, for verification: what this package writes and nothing else.
import { AuditError } from '../errors.ts';
import { canonicalize } from './canonical.ts';
import { MAX_ENVELOPE_STRING } from './limits.ts';
import {
  CATEGORIES,
  ENTRY_VERSION,
  type Entry,
  type JsonValue,
  LEVELS,
  MAX_ENTRY_BYTES,
  OUTCOMES,
} from './model.ts';
import { utf8Length } from './text.ts';
import { parseTime } from './time.ts';
import { isId, isType } from './validate.ts';

/** What `readEntry` found: an entry, or what is wrong with the text. */
export type ReadEntry =
  | { readonly entry: Entry }
  | {
      /** A sentence without the entry's own content. */
      readonly problem: string;
      /** Present where the text is a JSON object with a `v` other than 1: then nothing else was checked. */
      readonly version?: unknown;
    };

const POINTERS = 256;
const HASH = /^[0-9a-f]{64}$/;
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

/** What a field holds; `false` where it does not. */
type Check = (value: unknown) => boolean;
interface Shape {
  readonly required: Readonly<Record<string, Check>>;
  readonly optional: Readonly<Record<string, Check>>;
}

const isText: Check = (value) => typeof value === 'string' && fits(value);
const isName: Check = (value) => isText(value) && value !== '';
const isTime: Check = (value) => typeof value === 'string' && parseTime(value) !== null;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isHash: Check = (value) => typeof value === 'string' && HASH.test(value);
const isPointer: Check = (value) => typeof value === 'string' && POINTER.test(value);
const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string);

const texts = (names: string): Record<string, Check> =>
  Object.fromEntries(names.split(' ').map((name) => [name, isText]));

const RESOURCE: Shape = { required: { type: isName, id: isName }, optional: texts('name') };
const ERROR: Shape = { required: { message: isText }, optional: texts('name code') };
const ACTOR: Shape = {
  required: { type: isName, id: isName },
  optional: texts('name sessionId agentId ip userAgent onBehalfOf'),
};
const TRACE: Shape = { required: {}, optional: texts('requestId traceId spanId parentId') };
const CUT: Shape = { required: { path: isPointer, bytes: isCount, sha256: isHash }, optional: {} };

/** formats.md, *Entry*. */
const ENTRY: Shape = {
  required: {
    v: (value) => value === ENTRY_VERSION,
    seq: isCount,
    prev: isHash,
    id: isId,
    time: isTime,
    type: isType,
    category: oneOf(CATEGORIES),
    level: oneOf(LEVELS),
    operation: isName,
    resource: (value) => hasShape(value, RESOURCE),
    outcome: oneOf(OUTCOMES),
  },
  optional: {
    occurredAt: isTime,
    error: (value) => hasShape(value, ERROR),
    actor: (value) => hasShape(value, ACTOR),
    trace: (value) => hasShape(value, TRACE),
    data: isObject,
    redacted: (value) => isList(value, isPointer) && value.length <= POINTERS,
    cut: (value) => isList(value, (item) => hasShape(item, CUT)),
  },
};

/**
 * Reads one line of a log. Only the exact text the format prescribes passes: canonical JSON (RFC 8785) of
 * exactly the known fields, each of its type and within its limit.
 */
export function readEntry(text: string): ReadEntry {
  if (text.length > MAX_ENTRY_BYTES || utf8Length(text) > MAX_ENTRY_BYTES) {
    return { problem: `longer than ${MAX_ENTRY_BYTES} bytes` };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'not JSON' };
  }
  if (!isObject(value)) return { problem: 'not a JSON object' };
  if (Object.hasOwn(value, 'v') && value.v !== ENTRY_VERSION) {
    return { problem: `of a format version other than ${ENTRY_VERSION}`, version: value.v };
  }
  const wrong = wrongField(value, ENTRY);
  if (wrong !== undefined) return { problem: wrong };
  if (!isCanonical(text, value)) return { problem: 'not canonical JSON (RFC 8785)' };
  return { entry: value as unknown as Entry };
}

/**
 * The entry of a stored line, checked as `readEntry` does.
 * @throws AuditError `LOG_DAMAGED`
 */
export function parseEntry(text: string): Entry {
  const read = readEntry(text);
  if ('entry' in read) return read.entry;
  throw new AuditError(
    'LOG_DAMAGED',
    `The entry is ${read.problem}; verify the log to learn what happened to it.`,
  );
}

function isCanonical(text: string, value: unknown): boolean {
  try {
    return canonicalize(value as JsonValue) === text;
  } catch {
    // A lone surrogate, or nested too deep: nothing this package writes.
    return false;
  }
}

/** What is wrong with the first field that is; `undefined` where all are right. */
function wrongField(value: Record<string, unknown>, shape: Shape): string | undefined {
  let required = 0;
  for (const key of Object.keys(value)) {
    const check = Object.hasOwn(shape.required, key) ? shape.required[key] : undefined;
    if (check !== undefined) required++;
    const either = check ?? (Object.hasOwn(shape.optional, key) ? shape.optional[key] : undefined);
    if (either === undefined) return `holding a field the format does not know`;
    if (!either(value[key])) return `holding a wrong ${key}`;
  }
  if (required === Object.keys(shape.required).length) return undefined;
  return `without ${Object.keys(shape.required).find((key) => !Object.hasOwn(value, key))}`;
}

function hasShape(value: unknown, shape: Shape): boolean {
  return isObject(value) && wrongField(value, shape) === undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown, check: Check): value is unknown[] {
  return Array.isArray(value) && value.length > 0 && value.every(check);
}

function fits(text: string): boolean {
  return text.length * 3 <= MAX_ENVELOPE_STRING || utf8Length(text) <= MAX_ENVELOPE_STRING;
}
