// One HTTP exchange under way, from arrival to the one moment it is over.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AuditContext, AuditEvent, Detail, EmitOptions, Trace } from '@audit/core';
import { normalizeAddress } from './address.ts';
import { type Arrival, arrivalOf, type FrameworkFacts } from './arrival.ts';
import { BodyTaps } from './body-taps.ts';
import { Connection, type Passenger } from './connection.ts';
import { describeExchange, type ExchangeEnd, type ToldExchange } from './exchange-event.ts';
import type { HttpOnFailure } from './failure-rules.ts';
import { endingOf, statusOf, watchFinish } from './outcome.ts';
import type { HttpRecorder } from './recorder.ts';
import { ExchangeAudit, type RequestAudit } from './request-audit.ts';
import { ResponseGate } from './response-gate.ts';
import { Stages } from './stages.ts';
import { readPath } from './target.ts';
import { openTrace } from './trace.ts';

/** An exchange under way. It records itself, once, when it is over; in strict mode in stages. */
export interface HttpExchange {
  /** What the handler gets to record with. */
  readonly audit: RequestAudit;
  /** For `withAuditContext`: the actor in it is always the one known now. */
  readonly context: AuditContext;
  /**
   * Runs `handle`: at once; in strict mode once the arrival is durable, and never where it cannot be recorded (the
   * exchange has been answered with 503) or the client has left by then.
   */
  admit(handle: () => void): void;
  /** Puts an error the handler threw into the entry; the first one counts. It decides nothing about the outcome. */
  noteError(error: unknown): void;
  /** The client's address behind trusted proxies, where the exchange began before the framework could tell. */
  noteAddress(ip: string | undefined): void;
}

const SPOOL: EmitOptions = { onFailure: 'spool' };

/** Where a request keeps its exchange. */
const EXCHANGE = Symbol('exchange');
interface Exchanged {
  [EXCHANGE]?: HttpExchange;
}

/** The exchange begun for `req`, if any: an adapter mounted twice leaves the request to the first. */
export function findExchange(req: IncomingMessage): HttpExchange | undefined {
  return (req as Exchanged)[EXCHANGE];
}

/**
 * Begins the exchange of a request that arrived just now, and answers its id in a header. What is known is taken
 * now; the rest at `close` of the response, the one event that comes once in every case, or of its socket (see
 * `Connection`).
 */
export function beginExchange(
  req: IncomingMessage,
  res: ServerResponse,
  recorder: HttpRecorder,
  facts: FrameworkFacts = {},
): HttpExchange {
  const exchange = new Exchange(req, res, recorder, facts);
  (req as Exchanged)[EXCHANGE] = exchange;
  return exchange;
}

class Exchange implements HttpExchange, Passenger {
  readonly audit: ExchangeAudit;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #recorder: HttpRecorder;
  readonly #facts: FrameworkFacts;
  readonly #arrival: Arrival;
  readonly #trace: Trace;
  readonly #socket: Socket;
  readonly #connection: Connection;
  readonly #finished: () => boolean;
  readonly #taps: BodyTaps | undefined;
  readonly #stages: Stages | undefined;
  /** It was over before it began: the client had left while something before us was waiting. */
  readonly #late: boolean;
  readonly #onFailure: HttpOnFailure;
  #error: unknown;
  #over = false;

  constructor(req: IncomingMessage, res: ServerResponse, recorder: HttpRecorder, facts: FrameworkFacts) {
    const { settings } = recorder;
    const { socket } = req;
    this.#req = req;
    this.#res = res;
    this.#recorder = recorder;
    this.#facts = facts;
    this.#socket = socket;
    this.#arrival = arrivalOf(req, facts);
    this.#trace = openTrace(req, res, settings);
    this.audit = new ExchangeAudit(req, recorder, this.#arrival.caller, this.#trace);
    this.#finished = watchFinish(res, socket);
    this.#taps = BodyTaps.of(req, settings.detail.most(this.#arrival.method), settings.maxBody);

    this.#connection = Connection.of(socket);
    this.#connection.join(this);
    // `close` has been, and will not come again: how it ended is read now, before a handler answers nobody.
    this.#late = res.closed || socket.destroyed;
    if (this.#late) this.#close();
    else res.on('close', () => this.#close());

    this.#onFailure = this.#chooseOnFailure();
    if (this.#onFailure === 'strict') {
      const exchange = { req, res, trace: this.#trace, told: () => this.#told() };
      this.#stages = new Stages(recorder, exchange, this.#taps?.response);
    } else if (this.#taps?.response) new ResponseGate(res, { see: this.#taps.response.see });
  }

  socketClosed(): void {
    this.#close();
  }

  get context(): AuditContext {
    return this.audit;
  }

  admit(handle: () => void): void {
    if (this.#stages === undefined) handle();
    else this.#stages.admit(handle, () => this.#over);
  }

  noteError(noted: unknown): void {
    this.#error ??= noted;
  }

  noteAddress(ip: string | undefined): void {
    this.#arrival.caller.ip = normalizeAddress(ip) ?? this.#arrival.caller.ip;
  }

  #chooseOnFailure(): HttpOnFailure {
    const { onFailure } = this.#recorder.settings;
    const { method, target } = this.#arrival;
    return onFailure.always ?? onFailure.choose(method, readPath(target));
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    const bytes = this.#connection.leave(this);
    const ending = endingOf(this.#finished(), this.#req, this.#res, this.#socket);
    const end: ExchangeEnd = this.#stages?.withheld
      ? { ending: 'broken-off', status: 503, bytes }
      : { ending, status: statusOf(ending, this.#res, bytes.responseBytes), bytes };
    // Recorded once the adapter has its exchange.
    if (this.#late) process.nextTick(() => this.#record(end));
    else this.#record(end);
  }

  #record(end: ExchangeEnd): void {
    // What was begun in stages is told to its end, whatever else is left out.
    if (this.#stages !== undefined) void this.#stages.completed(() => this.#describe(end) as AuditEvent);
    else if (this.#recorder.ask('skip', (skip) => skip(this.#req, this.#res)) !== true) {
      this.#recorder.emit(() => this.#describe(end), this.#onFailure === 'spool' ? SPOOL : undefined);
    }
  }

  /** Undefined where the rules say that there is to be no entry. */
  #describe(end: ExchangeEnd): AuditEvent | undefined {
    const { settings } = this.#recorder;
    const told = this.#told();
    const staged = this.#stages !== undefined;
    const detail = settings.detail.always ?? this.#chooseDetail(told, end.status);
    if (detail === 'none' && !staged) return undefined;
    const bodies = this.#taps?.describe(detail, this.#req, this.#res);
    return describeExchange(told, settings, { end, error: this.#error, bodies, staged });
  }

  #chooseDetail({ arrival, route, actor }: ToldExchange, status: number | null): Detail {
    const { method, target } = arrival;
    return this.#recorder.settings.detail.choose({ method, route: route ?? readPath(target), status, actor });
  }

  #told(): ToldExchange {
    return {
      req: this.#req,
      res: this.#res,
      arrival: this.#arrival,
      route: this.#facts.route?.(),
      actor: this.audit.actor,
      trace: this.#trace,
    };
  }
}
