// Strict mode: an exchange told in stages, each durable before what it announces happens. events.md, *HTTP*.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditEvent, Trace } from '@audit/core';
import type { BodyTap } from './body-tap.ts';
import { describeArrival, describeResponse, type ToldExchange } from './exchange-event.ts';
import type { HttpRecorder } from './recorder.ts';
import { refuseRequest, withholdResponse } from './refusal.ts';
import { ResponseGate } from './response-gate.ts';

/** Reasons of what strict mode tells by `log.gap`. */
const REFUSED = 'http-refused';
const WITHHELD = 'http-withheld';
const UNFINISHED = 'http-unfinished';

export interface StagedExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly trace: Trace;
  /** What is known of it, when asked; what throws here is not recorded, and refused. */
  readonly told: () => ToldExchange;
}

/** `received`, `responding`, `completed` of one exchange, and what each holds up. */
export class Stages {
  readonly #recorder: HttpRecorder;
  readonly #exchange: StagedExchange;
  readonly #gate: ResponseGate;
  /** Under way or over; undefined while nobody has asked for it. */
  #arrival: Promise<unknown> | undefined;
  #admitted = false;
  #withheld = false;

  /** @param body sees the body of the response as it passes */
  constructor(recorder: HttpRecorder, exchange: StagedExchange, body: BodyTap | undefined) {
    this.#recorder = recorder;
    this.#exchange = exchange;
    this.#gate = new ResponseGate(exchange.res, {
      see: body?.see,
      admit: () => this.#responding(),
      refused: (error) => this.#withhold(error),
    });
  }

  /** The answer was withheld: what left in its place was 503. */
  get withheld(): boolean {
    return this.#withheld;
  }

  /** Runs `handle` once the arrival is durable, unless `isOver` by then; where it cannot be recorded, answers with 503. */
  admit(handle: () => void, isOver: () => boolean): void {
    if (this.#admitted) {
      handle();
      return;
    }
    void this.#received().then((error) => {
      // Off the promise: what a handler throws is the process's to hear of, as it would have been.
      if (this.#admitted && !isOver()) process.nextTick(handle);
      else if (error !== undefined) {
        this.#gate.open();
        refuseRequest(this.#exchange.res);
      }
    });
  }

  /** The answer has left or never will: what is lost now can only be told. */
  async completed(make: () => AuditEvent): Promise<void> {
    void this.#received();
    try {
      await this.#recorder.record(make);
    } catch (error) {
      this.#report(UNFINISHED, 'How a request ended could not be recorded.', error);
    }
  }

  /**
   * Recorded once, by whoever needs it first: mostly `admit`, when the framework has told who is asking. Resolves with
   * the error where it cannot be.
   */
  #received(): Promise<unknown> {
    this.#arrival ??= this.#recorder
      .record(() => describeArrival(this.#exchange.told(), this.#recorder.settings))
      .then(() => {
        // A crash on the next line leaves an arrival without an end: it is known that the handler may have run.
        this.#admitted = true;
        return undefined;
      })
      .catch((error: unknown) => {
        this.#report(
          REFUSED,
          'A request was refused with 503, and nothing ran: it could not be recorded.',
          error,
        );
        return error;
      });
    return this.#arrival;
  }

  /** Resolves once the answer may leave. A crash before that leaves a client without one, who may ask again. */
  async #responding(): Promise<void> {
    // Somebody answers whom we never admitted: a hook of the framework before ours.
    const error = await this.#received();
    if (error !== undefined) throw error;
    await this.#recorder.record(() => describeResponse(this.#exchange.told(), this.#recorder.settings));
  }

  #withhold(error: unknown): void {
    this.#withheld = true;
    const message =
      'A request was handled and its answer could not be recorded: 503 left in its place, and what it did may have happened.';
    this.#report(WITHHELD, message, error);
    const { req, res, trace } = this.#exchange;
    const { requestIdHeader } = this.#recorder.settings;
    withholdResponse(req, res, requestIdHeader === false ? [] : [`${requestIdHeader}: ${trace.requestId}`]);
  }

  #report(reason: string, message: string, error: unknown): void {
    const { code } = error as { readonly code?: unknown };
    this.#recorder.reportGap({ reason, message, trace: this.#exchange.trace, data: { code } }, error);
  }
}
