// One HTTP exchange under way, from arrival to the one moment it is over.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditContext } from '@audit/core';
import { normalizeAddress } from './address.ts';
import { arrivalOf, type FrameworkFacts } from './arrival.ts';
import { joinConnection } from './connection.ts';
import { describeExchange, type ExchangeEnd } from './exchange-event.ts';
import { endingOf, statusOf, watchFinish } from './outcome.ts';
import type { HttpRecorder } from './recorder.ts';
import { createRequestAudit, type RequestAudit } from './request-audit.ts';
import { openTrace } from './trace.ts';

/** An exchange under way. It records itself, once, when it is over. */
export interface HttpExchange {
  /** What the handler gets to record with. */
  readonly audit: RequestAudit;
  /** For `withAuditContext`: the actor in it is always the one known now. */
  readonly context: AuditContext;
  /** Puts an error the handler threw into the entry; the first one counts. It decides nothing about the outcome. */
  noteError(error: unknown): void;
  /** The client's address behind trusted proxies, where the exchange began before the framework could tell. */
  noteAddress(ip: string | undefined): void;
}

const exchanges = new WeakMap<IncomingMessage, HttpExchange>();

/** The exchange begun for `req`, if any: an adapter mounted twice leaves the request to the first. */
export function findExchange(req: IncomingMessage): HttpExchange | undefined {
  return exchanges.get(req);
}

/**
 * Begins the exchange of a request that arrived just now, and answers its id in a header. What is known is taken
 * now; the rest at `close` of the response, the one event that comes once in every case, or of its socket (see
 * `joinConnection`).
 */
export function beginExchange(
  req: IncomingMessage,
  res: ServerResponse,
  recorder: HttpRecorder,
  facts: FrameworkFacts = {},
): HttpExchange {
  const { socket } = req;
  const arrival = arrivalOf(req, facts);
  const trace = openTrace(req, res, recorder.settings);
  const audit = createRequestAudit(req, recorder, arrival.caller, trace);
  let error: unknown;

  const finished = watchFinish(res, socket);
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    const bytes = share.leave();
    const ending = endingOf(finished(), req, res, socket);
    const end = { ending, status: statusOf(ending, res, bytes.responseBytes), bytes };
    if (alreadyClosed) process.nextTick(record, end);
    else record(end);
  };
  const record = (end: ExchangeEnd): void => {
    if (recorder.ask('skip', (skip) => skip(req, res)) === true) return;
    const { actor } = audit;
    recorder.emit(() =>
      describeExchange(
        { req, res, arrival, end, route: facts.route?.(), error, actor, trace },
        recorder.settings,
      ),
    );
  };
  const share = joinConnection(socket, finish);
  // The client may have left while something before us was waiting: `close` has been and will not come again.
  // How it ended is read now, before a handler answers nobody; recorded once the adapter has its exchange.
  const alreadyClosed = res.closed || socket.destroyed;
  if (alreadyClosed) finish();
  else res.once('close', finish);

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
    noteAddress(ip) {
      arrival.caller.ip = normalizeAddress(ip) ?? arrival.caller.ip;
    },
  };
  exchanges.set(req, exchange);
  return exchange;
}
