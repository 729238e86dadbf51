// The options every HTTP adapter shares, their defaults, and the check that they are what they say.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Actor, AuditLog, Detail, DetailRule } from '@audit/core';
import { DEFAULT_MAX_BODY, MAX_MAX_BODY } from './body.ts';
import { compileDetail, type DetailRules } from './detail.ts';
import {
  compileOnFailure,
  type FailureRule,
  type FailureRules,
  type HttpOnFailure,
} from './failure-rules.ts';
import { type RecordedHeader, recordedHeader } from './headers.ts';

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
  /**
   * How much of an exchange is recorded: one level for all, or rules, of which the first that matches decides, and
   * `metadata` where none does. Bodies are redacted like everything else. Default `metadata`.
   */
  readonly detail?: Detail | readonly DetailRule[];
  /** Up to this many bytes of each body are recorded, where `detail` asks for bodies. Default `DEFAULT_MAX_BODY`. */
  readonly maxBody?: number;
  /**
   * What happens to a request that cannot be recorded. `best-effort`: it is answered all the same. `spool`: it is, too, and
   * its entry waits in the spool of the log (see `onFailure` of `openAuditLog`). `strict`: its arrival is
   * durable before the handler runs and its answer before the first byte of it leaves, or it is answered with 503;
   * each exchange is three entries of one trace. Rules decide by method and path. Default `best-effort`.
   */
  readonly onFailure?: HttpOnFailure | readonly FailureRule[];
}

/** The options with every default filled in; header names are lower-case. */
export interface HttpSettings {
  readonly log: AuditLog | undefined;
  readonly actor: ((req: IncomingMessage) => Actor | null | undefined) | undefined;
  readonly skip: ((req: IncomingMessage, res: ServerResponse) => boolean) | undefined;
  readonly headers: readonly RecordedHeader[];
  readonly responseHeaders: readonly RecordedHeader[];
  readonly requestIdHeader: string | false;
  readonly traceparent: boolean;
  readonly detail: DetailRules;
  readonly maxBody: number;
  readonly onFailure: FailureRules;
}

const KNOWN = [
  ...['log', 'actor', 'skip', 'headers', 'responseHeaders', 'requestIdHeader', 'traceparent'],
  ...['detail', 'maxBody', 'onFailure'],
];
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
  const detail = compileDetail(options.detail);
  const onFailure = compileOnFailure(options.onFailure);
  refuseContradictions(options, onFailure);
  return {
    log,
    // An adapter only ever passes the requests and responses of its own framework.
    actor: actor as HttpSettings['actor'],
    skip: skip as HttpSettings['skip'],
    headers: headerNames(options.headers ?? DEFAULT_HEADERS, 'headers'),
    responseHeaders: headerNames(options.responseHeaders ?? DEFAULT_RESPONSE_HEADERS, 'responseHeaders'),
    requestIdHeader: requestIdHeader === false ? false : headerName(requestIdHeader, 'requestIdHeader'),
    traceparent,
    detail,
    maxBody: bodyLimit(options.maxBody),
    onFailure,
  };
}

/** Every request is on record before it is answered, or some are left out of it: not both. */
function refuseContradictions(options: HttpOptions<never, never>, onFailure: FailureRules): void {
  if (onFailure.always !== 'strict') return;
  if (options.skip !== undefined) {
    throw new TypeError(
      "options.skip is asked when an exchange is over, and with onFailure 'strict' it was recorded long before: " +
        "give onFailure rules instead, [{ path: '/health', onFailure: 'best-effort' }, { onFailure: 'strict' }]",
    );
  }
  if (options.detail === 'none') {
    throw new TypeError(
      "options.detail is 'none', so nothing is recorded, and onFailure is 'strict': choose one",
    );
  }
}

function bodyLimit(maxBody: unknown = DEFAULT_MAX_BODY): number {
  if (Number.isSafeInteger(maxBody) && (maxBody as number) > 0 && (maxBody as number) <= MAX_MAX_BODY) {
    return maxBody as number;
  }
  throw new RangeError(
    `options.maxBody must be a number of bytes from 1 to ${MAX_MAX_BODY}, got ${String(maxBody)}`,
  );
}

function headerNames(names: readonly string[], option: string): readonly RecordedHeader[] {
  if (!Array.isArray(names)) throw new TypeError(`options.${option} must be an array of header names`);
  return [...new Set(names.map((name) => headerName(name, option)))].map(recordedHeader);
}

function headerName(name: unknown, option: string): string {
  if (typeof name === 'string' && TOKEN.test(name)) return name.toLowerCase();
  throw new TypeError(`options.${option} must hold header names, not ${JSON.stringify(name)}`);
}
