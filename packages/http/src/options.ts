// The options every HTTP adapter shares, their defaults, and the check that they are what they say.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Actor, AuditLog } from '@audit/core';

/** Request headers recorded by default: what was sent and to which name, nothing that identifies or grants. */
export const DEFAULT_HEADERS: readonly string[] = ['content-length', 'content-type', 'host', 'origin'];
/** Response headers recorded by default. */
export const DEFAULT_RESPONSE_HEADERS: readonly string[] = ['content-length', 'content-type'];
/** Header that carries the request id, in and out. */
export const DEFAULT_REQUEST_ID_HEADER = 'x-request-id';
/** Whether the client's `traceparent` is taken over. */
export const DEFAULT_TRACEPARENT = true;

/** Options of an HTTP adapter. Everything has a production default. */
export interface HttpOptions<
  Req extends IncomingMessage = IncomingMessage,
  Res extends ServerResponse = ServerResponse,
> {
  /** The log to record in. Default: `getAuditLog()`, looked up for each event. */
  readonly log?: AuditLog;
  /**
   * Who is asking, read whenever an event is recorded, so it may look at what authentication leaves on the
   * request later on. `req.audit.actor = …` wins over it; nothing from either is an anonymous actor.
   */
  readonly actor?: (req: Req) => Actor | null | undefined;
  /** True for an exchange that is not to be recorded; asked once it is over. Domain events are not skipped. */
  readonly skip?: (req: Req, res: Res) => boolean;
  /**
   * Request headers to record, in any case. A credential (`authorization`, `cookie`, any secret name) that is
   * listed is recorded as present, never with its value. Default `DEFAULT_HEADERS`.
   */
  readonly headers?: readonly string[];
  /** Response headers to record, likewise. Default `DEFAULT_RESPONSE_HEADERS`. */
  readonly responseHeaders?: readonly string[];
  /** Header the request id is read from and answered in; false: always a new id, not answered. Default `x-request-id`. */
  readonly requestIdHeader?: string | false;
  /** Take `traceId` and `parentId` from the client's `traceparent`. Default true. */
  readonly traceparent?: boolean;
}

/** The options with every default filled in; header names are lower-case. */
export interface HttpSettings {
  readonly log: AuditLog | undefined;
  readonly actor: ((req: IncomingMessage) => Actor | null | undefined) | undefined;
  readonly skip: ((req: IncomingMessage, res: ServerResponse) => boolean) | undefined;
  readonly headers: readonly string[];
  readonly responseHeaders: readonly string[];
  readonly requestIdHeader: string | false;
  readonly traceparent: boolean;
}

const KNOWN = ['log', 'actor', 'skip', 'headers', 'responseHeaders', 'requestIdHeader', 'traceparent'];
/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** @throws TypeError naming the option that is unknown or not of its type */
export function resolveHttpOptions<Req extends IncomingMessage, Res extends ServerResponse>(
  options: HttpOptions<Req, Res>,
): HttpSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object');
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`options.${unknown} is not an option; there are ${KNOWN.join(', ')}`);
  }
  const { log, actor, skip, requestIdHeader = DEFAULT_REQUEST_ID_HEADER } = options;
  if (log !== undefined && typeof log?.emit !== 'function') {
    throw new TypeError('options.log must be an open audit log: pass what openAuditLog() resolves with');
  }
  if (actor !== undefined && typeof actor !== 'function')
    throw new TypeError('options.actor must be a function');
  if (skip !== undefined && typeof skip !== 'function')
    throw new TypeError('options.skip must be a function');
  const { traceparent = DEFAULT_TRACEPARENT } = options;
  if (typeof traceparent !== 'boolean') throw new TypeError('options.traceparent must be true or false');
  return {
    log,
    // An adapter only ever passes the requests and responses of its own framework.
    actor: actor as HttpSettings['actor'],
    skip: skip as HttpSettings['skip'],
    headers: headerNames(options.headers ?? DEFAULT_HEADERS, 'headers'),
    responseHeaders: headerNames(options.responseHeaders ?? DEFAULT_RESPONSE_HEADERS, 'responseHeaders'),
    requestIdHeader: requestIdHeader === false ? false : headerName(requestIdHeader, 'requestIdHeader'),
    traceparent,
  };
}

function headerNames(names: readonly string[], option: string): readonly string[] {
  if (!Array.isArray(names)) throw new TypeError(`options.${option} must be an array of header names`);
  return [...new Set(names.map((name) => headerName(name, option)))];
}

function headerName(name: unknown, option: string): string {
  if (typeof name === 'string' && TOKEN.test(name)) return name.toLowerCase();
  throw new TypeError(`options.${option} must hold header names, not ${JSON.stringify(name)}`);
}
