// A caller's event made ready for the commit loop: checked, enriched, converted, redacted, limited, written out.
import { AuditError } from '../errors.ts';
import type { Hasher } from '../merkle/hasher.ts';
import type { Redactor } from '../privacy/redactor.ts';
import { canonicalize } from './canonical.ts';
import { levelOf } from './catalogue/catalogue.ts';
import { toOrderedJson } from './convert.ts';
import { limitEnvelope, limitTotal } from './limits.ts';
import {
  type Actor,
  type AuditEvent,
  type Cut,
  ENTRY_VERSION,
  type JsonObject,
  type JsonValue,
  type Level,
  MAX_ENTRY_BYTES,
  type Trace,
} from './model.ts';
import { cutText, type PreparedEvent } from './prepared.ts';
import { type CheckedEvent, readActor, readTrace, validate } from './validate.ts';

/** SHA-256 of nothing: what `cut` says of what was never read. */
const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export interface PreparerOptions {
  readonly redactor: Redactor;
  /** For `cut`. */
  readonly hasher: Hasher;
  /** Called for each event that brings no id. */
  readonly newId: () => string;
}

/** What surrounds an event: used where the event says nothing itself, group by group. */
export interface EventContext {
  readonly actor?: Actor | undefined;
  readonly trace?: Trace | undefined;
  /** True for the log's own events: `log.*` is refused from anyone else, because verification believes it. */
  readonly own?: boolean;
}

/** @throws AuditError `EVENT_INVALID` */
export type Preparer = (event: AuditEvent, context?: EventContext) => PreparedEvent;

/** The one way from an event to the text of an entry; everything but `prev`, `seq` and `time` is settled here. */
export function createPreparer({ redactor, hasher, newId }: PreparerOptions): Preparer {
  return (input, context) => {
    const event = validate(input);
    if (event.type.startsWith('log.') && context?.own !== true) throw reserved(event);

    const unread: string[] = [];
    const { data, ordered } = convertData(event.data, unread);
    const level =
      event.level ??
      (event.known ? levelOf(event.known.level, { outcome: event.outcome, data: data ?? {} }) : 'info');
    const raw = {
      actor: event.actor ?? readActor(context?.actor),
      data,
      error: event.error,
      operation: event.operation,
      resource: event.resource,
      trace: event.trace ?? readTrace(context?.trace),
      // Paths are made of keys, and a key can hold a secret.
      unread: unread.length > 0 ? unread : undefined,
    } as unknown as JsonObject;
    const { event: clean, pointers, cut } = redactor.redact(raw);

    const id = event.id ?? newId();
    const fixed: Fixed = { id, ownId: event.id !== undefined, level, event };
    const limits = limitEnvelope(clean, hasher);
    const limited = limits.event;
    const cuts = [...limits.cuts];
    for (const path of (clean.unread ?? []) as readonly string[]) cuts.push(notRead(path));
    // Of what was never looked at whole, no length or hash of a part is told.
    if (cut.length > 0) {
      const told = new Set(cut);
      cuts.splice(0, cuts.length, ...cut.map(notRead), ...cuts.filter(({ path }) => !told.has(path)));
    }
    const redacted = pointers.filter((pointer) => !pointer.startsWith('/unread'));
    // What was read is in canonical order; what was changed need not be.
    const prepared = assembleParts(limited, cuts, redacted, fixed, ordered && limited === raw);
    return prepared.bytes <= MAX_ENTRY_BYTES ? prepared : fit(limited, cuts, redacted, fixed, hasher);
  };
}

function notRead(path: string): Cut {
  return { bytes: 0, path, sha256: NOTHING };
}

interface Fixed {
  readonly id: string;
  readonly ownId: boolean;
  readonly level: Level;
  readonly event: CheckedEvent;
}

interface ConvertedData {
  readonly data: JsonObject | undefined;
  readonly ordered: boolean;
}

const NO_DATA: ConvertedData = { data: undefined, ordered: true };

function convertData(data: unknown, unread: string[]): ConvertedData {
  if (data === undefined || data === null) return NO_DATA;
  const { json, ordered } = toOrderedJson(data, { onCut: (pointer) => unread.push(`/data${pointer}`) });
  if (json === null) return NO_DATA;
  const isObject = typeof json === 'object' && !Array.isArray(json);
  return { data: isObject ? (json as JsonObject) : { value: json }, ordered };
}

/**
 * Canonical text around the holes: the entry without what the commit loop sets, written once and cut in three.
 * @param ordered everything in `event` stands in canonical order
 */
function assembleParts(
  event: JsonObject,
  cuts: readonly Cut[],
  redacted: readonly string[],
  fixed: Fixed,
  ordered = false,
): PreparedEvent {
  const { category, outcome, occurredAt, type } = fixed.event;
  const entry = {
    actor: event.actor,
    category,
    cut: cuts.length > 0 ? (cuts as unknown as JsonValue) : undefined,
    data: event.data,
    error: event.error,
    id: fixed.id,
    level: fixed.level,
    occurredAt,
    operation: event.operation,
    outcome,
    redacted: redacted.length > 0 ? redacted : undefined,
    resource: event.resource,
    trace: event.trace,
    type,
    v: ENTRY_VERSION,
  };
  const text = ordered ? JSON.stringify(entry) : canonicalize(entry);
  return cutText(text, entry, fixed.ownId);
}

function fit(
  event: JsonObject,
  cuts: readonly Cut[],
  pointers: readonly string[],
  fixed: Fixed,
  hasher: Hasher,
): PreparedEvent {
  const limited = limitTotal(
    { ...event, data: event.data ?? {} },
    cuts,
    MAX_ENTRY_BYTES,
    (tried, told) => assembleParts(tried, told, pointersOf(tried, pointers), fixed).bytes,
    hasher,
  );
  // A text cut twice keeps what was said of it first.
  const known = new Set<string>();
  const told = limited.cuts.filter(({ path }) => !known.has(path) && known.add(path));
  return assembleParts(limited.event, told, pointersOf(limited.event, pointers), fixed);
}

/** Where `data` was emptied, the pointers into it lead nowhere; that there were any is still said. */
function pointersOf(event: JsonObject, pointers: readonly string[]): readonly string[] {
  if (Object.keys(event.data as JsonObject).length > 0) return pointers;
  const rest = pointers.filter((pointer) => !pointer.startsWith('/data/'));
  return rest.length < pointers.length ? [...rest, '/data'] : rest;
}

function reserved(event: CheckedEvent): AuditError {
  return new AuditError(
    'EVENT_INVALID',
    `The event is not valid: type ("${event.type}") begins with "log.", which is kept for what the log says of itself; choose another name.`,
  );
}
