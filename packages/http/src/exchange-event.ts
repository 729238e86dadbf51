// The event an exchange becomes, or one of its stages: events.md, *HTTP, the same for every adapter*.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Actor, AuditEvent, HttpRequestData, Outcome, Trace } from '@audit/core';
import { forwardedFor } from './address.ts';
import type { Arrival } from './arrival.ts';
import type { Bodies } from './body-taps.ts';
import { cleanError } from './clean-error.ts';
import type { WireBytes } from './connection.ts';
import { pickHeaders } from './headers.ts';
import type { HttpSettings } from './options.ts';
import { type Ending, outcomeOf } from './outcome.ts';
import { readTarget } from './target.ts';

/** How an exchange ended, read at the moment it did. */
export interface ExchangeEnd {
  readonly ending: Ending;
  /** Null where no header was sent. */
  readonly status: number | null;
  readonly bytes: WireBytes;
}

/** What is known of an exchange whenever it is told. */
export interface ToldExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly arrival: Arrival;
  readonly route: string | undefined;
  readonly actor: Actor;
  readonly trace: Trace;
}

/** What is known of one that is over. */
export interface OverExchange {
  readonly end: ExchangeEnd;
  /** What the handler threw, if anything. */
  readonly error: unknown;
  readonly bodies: Bodies | undefined;
  /** It was told in stages. */
  readonly staged: boolean;
}

/** Facts of a stage. */
interface Stage {
  readonly stage: 'received' | 'responding' | 'completed' | undefined;
  readonly status: number | null;
  readonly outcome: Outcome;
  readonly durationMs?: number;
  readonly bytes?: WireBytes;
  readonly error?: unknown;
  readonly bodies?: Bodies | undefined;
}

/** It has arrived, and nothing ran yet. */
export function describeArrival(told: ToldExchange, settings: HttpSettings): AuditEvent {
  return describe(told, settings, { stage: 'received', status: null, outcome: 'unknown' });
}

/** It is about to be answered with this status, and not a byte of the answer has left. */
export function describeResponse(told: ToldExchange, settings: HttpSettings): AuditEvent {
  const status = told.res.statusCode;
  return describe(told, settings, {
    stage: 'responding',
    status,
    outcome: outcomeOf('finished', status),
    durationMs: since(told.arrival),
  });
}

/** It is over. */
export function describeExchange(told: ToldExchange, settings: HttpSettings, over: OverExchange): AuditEvent {
  const { end, bodies, staged } = over;
  const { req, res } = told;
  return describe(told, settings, {
    stage: staged ? 'completed' : undefined,
    status: end.status,
    outcome: outcomeOf(end.ending, end.status),
    durationMs: since(told.arrival),
    bytes: end.bytes,
    error: over.error ?? (end.ending === 'broken-off' ? (res.errored ?? req.socket.errored) : undefined),
    bodies,
  });
}

/**
 * What core's `httpRequest()` makes of these facts, without the way through it: this runs for every request, and is
 * measured. The members of `data` stand in canonical order, so that nothing has to be sorted later.
 */
function describe(told: ToldExchange, settings: HttpSettings, stage: Stage): AuditEvent {
  const { req, res, arrival, route, actor, trace } = told;
  const { method, target, peer } = arrival;
  const { status, outcome, bytes, error, bodies } = stage;
  const { path, query } = readTarget(target);
  const id = route ?? path;
  const data: RequestData = {
    durationMs: stage.durationMs,
    forwardedFor: forwardedFor(req.headers['x-forwarded-for']),
    method,
    path,
    peer,
    protocol: `HTTP/${req.httpVersion}`,
    query,
    requestBody: bodies?.requestBody,
    requestBytes: bytes?.requestBytes,
    requestHeaders: pickHeaders(settings.headers, (name) => req.headers[name]),
    responseBody: bodies?.responseBody,
    responseBytes: bytes?.responseBytes,
    responseHeaders:
      stage.stage === 'received'
        ? undefined
        : pickHeaders(settings.responseHeaders, (name) => res.getHeader(name)),
    route,
    stage: stage.stage,
    status,
  };
  return {
    type: 'http.request',
    operation: `${method} ${id}`,
    resource: { type: 'route', id },
    outcome,
    error: error === undefined || error === null ? undefined : cleanError(error, req, target),
    actor,
    trace,
    data: data as unknown as Readonly<Record<string, unknown>>,
  };
}

/** `data` of the catalogue's `http.request`, and what adapters add. */
type RequestData = HttpRequestData &
  Bodies & {
    readonly requestHeaders: Readonly<Record<string, string>> | undefined;
    readonly responseHeaders: Readonly<Record<string, string>> | undefined;
  };

function since({ at }: Arrival): number {
  return Math.round((performance.now() - at) * 1000) / 1000;
}
