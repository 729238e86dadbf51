// One message of the engine's event stream. moby: api/types/events; the deprecated status, id and from are not read.

export interface EngineMessage {
  /** `container`, `image`, `network`, `volume`, `daemon`, … */
  readonly type: string;
  /** Without its detail: `exec_create` of `exec_create: sh -c …`. */
  readonly action: string;
  /** What stands behind the action: the command of an exec, what a health check found. Empty where nothing does. */
  readonly detail: string;
  /** Id of the object; a name for volumes. */
  readonly id: string;
  /** Labels of the container stand among them, and can hide others: see `attribute` in events/attributes.ts. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Nanoseconds since 1970. */
  readonly timeNano: bigint;
}

/**
 * `timeNano` passes 2^53, where `JSON.parse` would round it: it is read from the text. Nothing inside of a string can
 * be taken for it, since quotes are escaped there; and attributes are strings, not numbers.
 */
const TIME_NANO = /"timeNano"\s*:\s*(\d{1,19})(?=\s*[,}])/g;

/** Null where the line is no message of the kind that the engine sends. */
export function parseMessage(line: string): EngineMessage | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null) return null;
  const { Type, Action, Actor, time } = json as Record<string, unknown>;
  const actor = (typeof Actor === 'object' && Actor !== null ? Actor : {}) as Record<string, unknown>;
  if (typeof Type !== 'string' || typeof Action !== 'string') return null;
  const nano = [...line.matchAll(TIME_NANO)].at(-1)?.[1];
  if (nano === undefined && !(Number.isSafeInteger(time) && (time as number) > 0)) return null;
  const colon = Action.indexOf(':');
  return {
    type: Type,
    action: colon === -1 ? Action : Action.slice(0, colon),
    detail: colon === -1 ? '' : Action.slice(colon + 1).trim(),
    id: typeof actor.ID === 'string' ? actor.ID : '',
    attributes: strings(actor.Attributes),
    timeNano: nano === undefined ? BigInt(time as number) * 1_000_000_000n : BigInt(nano),
  };
}

function strings(value: unknown): Readonly<Record<string, string>> {
  const found: Record<string, string> = Object.create(null);
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, item] of Object.entries(value)) if (typeof item === 'string') found[key] = item;
  return found;
}

/**
 * Tells one message from another; a message that comes again has the same key. Two changes of one object within a
 * nanosecond differ in the rest.
 */
export function messageKey({ type, action, detail, id, attributes, timeNano }: EngineMessage): string {
  const { execID = '', container = '', name = '', destination = '' } = attributes;
  return JSON.stringify([String(timeNano), type, action, detail, id, execID, container, name, destination]);
}
