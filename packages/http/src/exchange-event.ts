// The event an exchange becomes: events.md, *HTTP, the same for every adapter*.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { type Actor, type AuditEvent, httpRequest, type Trace } from '@audit/core';
import { forwardedFor } from './address.ts';
import type { Arrival } from './arrival.ts';
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

export interface OverExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly arrival: Arrival;
  readonly end: ExchangeEnd;
  readonly route: string | undefined;
  /** What the handler threw, if anything. */
  readonly error: unknown;
  readonly actor: Actor;
  readonly trace: Trace;
}

export function describeExchange(exchange: OverExchange, settings: HttpSettings): AuditEvent {
  const { req, res, arrival, end, route, actor, trace } = exchange;
  const { method, target, peer, at } = arrival;
  const error =
    exchange.error ?? (end.ending === 'broken-off' ? (res.errored ?? req.socket.errored) : undefined);
  return httpRequest({
    method,
    route,
    ...readTarget(target),
    status: end.status,
    durationMs: Math.round((performance.now() - at) * 1000) / 1000,
    ...end.bytes,
    protocol: `HTTP/${req.httpVersion}`,
    peer,
    forwardedFor: forwardedFor(req.headers['x-forwarded-for']),
    data: {
      requestHeaders: pickHeaders(req.headers, settings.headers),
      responseHeaders: pickHeaders(res.getHeaders(), settings.responseHeaders),
    },
    outcome: outcomeOf(end.ending, end.status),
    error: error === undefined || error === null ? undefined : cleanError(error, req, target),
    actor,
    trace,
  });
}
