// One HTTP exchange: what is known when the request arrives, what when it is over, and the one event of both.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { type Actor, type AuditContext, type AuditEvent, httpRequest, type Trace } from '@audit/core';
import { completeActor } from './actor.ts';
import { forwardedFor, normalizeAddress } from './address.ts';
import { cleanError } from './clean-error.ts';
import { joinConnection, type WireBytes } from './connection.ts';
import { pickHeaders } from './headers.ts';
import { type Ending, endingOf, outcomeOf, statusOf, watchFinish } from './outcome.ts';
import type { HttpRecorder } from './recorder.ts';
import type { RequestAudit } from './request-audit.ts';
import { chooseRequestId } from './request-id.ts';
import { readTarget } from './target.ts';
import { parseTraceparent } from './traceparent.ts';

/** What only the framework knows. */
export interface FrameworkFacts {
  /** The client's address behind trusted proxies. Default: the peer's. */
  readonly ip?: string | undefined;
  /** The request target as it arrived, where the framework rewrites `req.url`. */
  readonly target?: string | undefined;
  /** The pattern of the route that answered, asked for once the exchange is over; undefined where none did. */
  readonly route?: (() => string | undefined) | undefined;
}

/** An exchange under way. It records itself, once, when it is over. */
export interface HttpExchange {
  /** What the handler gets to record with. */
  readonly audit: RequestAudit;
  /** For `withAuditContext`: the actor in it is always the one known now. */
  readonly context: AuditContext;
  /** Puts an error the handler threw into the entry; the first one counts. It decides nothing about the outcome. */
  noteError(error: unknown): void;
}

const exchanges = new WeakMap<IncomingMessage, HttpExchange>();

/** The exchange begun for `req`, if any: an adapter mounted twice leaves the request to the first. */
export function findExchange(req: IncomingMessage): HttpExchange | undefined {
  return exchanges.get(req);
}

/**
 * Begins the exchange of a request that arrived just now. Address, peer, method, target and user agent are
 * taken here, because Node forgets them when the client goes; the rest is read at `close` of the response,
 * the one event that comes once in every case, or of its socket (see `joinConnection`). Writes the request id
 * into the response's headers.
 */
export function beginExchange(
  req: IncomingMessage,
  res: ServerResponse,
  recorder: HttpRecorder,
  facts: FrameworkFacts = {},
): HttpExchange {
  const { settings } = recorder;
  const started = performance.now();
  const { socket, method = '' } = req;
  const target = facts.target ?? req.url ?? '';
  const peer = normalizeAddress(socket.remoteAddress);
  const caller = { ip: normalizeAddress(facts.ip) ?? peer, userAgent: req.headers['user-agent'] };
  const trace = traceOf(req, res, recorder);
  let said: Actor | undefined;
  let error: unknown;

  const audit: RequestAudit = {
    get actor(): Actor {
      return completeActor(said ?? ask(recorder, 'actor', () => settings.actor?.(req)), caller, req.headers);
    },
    set actor(actor: Actor | undefined) {
      said = actor;
    },
    trace,
    get log() {
      return recorder.log;
    },
    async record(event, options) {
      return recorder.log.record(correlate(event), options);
    },
    emit: (event) => recorder.emit(correlate(event)),
  };
  const correlate = (event: AuditEvent): AuditEvent => ({
    ...event,
    actor: event.actor ?? audit.actor,
    trace: { ...trace, ...event.trace },
  });

  const finished = watchFinish(res, socket);
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    const bytes = share.leave();
    const ending = endingOf(finished(), req, res, socket);
    const status = statusOf(ending, res, bytes.responseBytes);
    if (alreadyClosed) process.nextTick(record, ending, status, bytes);
    else record(ending, status, bytes);
  };
  const record = (ending: Ending, status: number | null, bytes: WireBytes): void => {
    if (ask(recorder, 'skip', () => settings.skip?.(req, res)) === true) return;
    recorder.emit(eventOf(ending, status, bytes));
  };
  const share = joinConnection(socket, finish);
  // The client may have left while something before us was waiting: `close` has been and will not come again.
  // How it ended is read now, before a handler answers nobody; recorded once the adapter has its exchange.
  const alreadyClosed = res.closed || socket.destroyed;
  if (alreadyClosed) finish();
  else res.once('close', finish);

  function eventOf(ending: Ending, status: number | null, bytes: WireBytes): AuditEvent {
    const route = facts.route?.();
    const { path, query } = readTarget(target);
    const failure = error ?? (ending === 'broken-off' ? (res.errored ?? socket.errored) : undefined);
    return httpRequest({
      method,
      route,
      path,
      query,
      status,
      durationMs: Math.round((performance.now() - started) * 1000) / 1000,
      ...bytes,
      protocol: `HTTP/${req.httpVersion}`,
      peer,
      forwardedFor: forwardedFor(req.headers['x-forwarded-for']),
      data: {
        requestHeaders: pickHeaders(req.headers, settings.headers),
        responseHeaders: pickHeaders(res.getHeaders(), settings.responseHeaders),
      },
      outcome: outcomeOf(ending, status),
      error: failure === undefined || failure === null ? undefined : cleanError(failure, req, target),
      actor: audit.actor,
      trace,
    });
  }

  const exchange: HttpExchange = {
    audit,
    context: {
      get actor() {
        return audit.actor;
      },
      trace,
    },
    noteError(noted) {
      error ??= noted;
    },
  };
  exchanges.set(req, exchange);
  return exchange;
}

/** The request's id, answered in a header so that a client can name it, and the trace the client is in. */
function traceOf(req: IncomingMessage, res: ServerResponse, { settings }: HttpRecorder): Trace {
  const { requestIdHeader } = settings;
  const requestId = chooseRequestId(requestIdHeader === false ? undefined : req.headers[requestIdHeader]);
  if (requestIdHeader !== false && !res.headersSent) res.setHeader(requestIdHeader, requestId);
  const parent = settings.traceparent ? parseTraceparent(req.headers.traceparent) : undefined;
  return { requestId, ...parent };
}

/** Calls back into the application, whose mistakes must cost neither the response nor the entry. */
function ask<T>(recorder: HttpRecorder, option: string, callback: () => T): T | undefined {
  try {
    return callback();
  } catch (error) {
    recorder.warnings.once(
      'AUDIT_CALLBACK_FAILED',
      `options.${option} of the audit adapter throws: ${String(error)}`,
    );
    return undefined;
  }
}
