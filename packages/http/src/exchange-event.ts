// The event an exchange becomes, or one of its stages: events.md, *HTTP, the same for every adapter*.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { type Actor, type AuditEvent, httpRequest, type Outcome, type Trace } from '@audit/core';
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

/** Facts of a stage beyond those. */
interface Told {
  readonly stage: 'received' | 'responding' | 'completed' | undefined;
  readonly status: number | null;
  readonly outcome: Outcome;
  readonly durationMs?: number;
  readonly bytes?: WireBytes;
  readonly error?: unknown;
  readonly bodies?: Bodies | undefined;
}

/** It has arrived, and nothing ran yet. */
export function describeArrival(exchange: ToldExchange, settings: HttpSettings): AuditEvent {
  return describe(exchange, settings, { stage: 'received', status: null, outcome: 'unknown' });
}

/** It is about to be answered with this status, and not a byte of the answer has left. */
export function describeResponse(exchange: ToldExchange, settings: HttpSettings): AuditEvent {
  const status = exchange.res.statusCode;
  return describe(exchange, settings, {
    stage: 'responding',
    status,
    outcome: outcomeOf('finished', status),
    durationMs: since(exchange.arrival),
  });
}

export interface OverExchange extends ToldExchange {
  readonly end: ExchangeEnd;
  /** What the handler threw, if anything. */
  readonly error: unknown;
  readonly bodies: Bodies | undefined;
  /** It was told in stages. */
  readonly staged: boolean;
}

/** It is over. */
export function describeExchange(exchange: OverExchange, settings: HttpSettings): AuditEvent {
  const { req, res, arrival, end, bodies, staged } = exchange;
  return describe(exchange, settings, {
    stage: staged ? 'completed' : undefined,
    status: end.status,
    outcome: outcomeOf(end.ending, end.status),
    durationMs: since(arrival),
    bytes: end.bytes,
    error: exchange.error ?? (end.ending === 'broken-off' ? (res.errored ?? req.socket.errored) : undefined),
    bodies,
  });
}

function describe(exchange: ToldExchange, settings: HttpSettings, told: Told): AuditEvent {
  const { req, res, arrival, route, actor, trace } = exchange;
  const { method, target, peer } = arrival;
  const { stage, status, outcome, durationMs, bytes, error, bodies } = told;
  return httpRequest({
    method,
    route,
    ...readTarget(target),
    status,
    stage,
    durationMs,
    ...bytes,
    protocol: `HTTP/${req.httpVersion}`,
    peer,
    forwardedFor: forwardedFor(req.headers['x-forwarded-for']),
    data: {
      requestHeaders: pickHeaders(settings.headers, (name) => req.headers[name]),
      responseHeaders:
        stage === 'received'
          ? undefined
          : pickHeaders(settings.responseHeaders, (name) => res.getHeader(name)),
      ...bodies,
    },
    outcome,
    error: error === undefined || error === null ? undefined : cleanError(error, req, target),
    actor,
    trace,
  });
}

function since({ at }: Arrival): number {
  return Math.round((performance.now() - at) * 1000) / 1000;
}
