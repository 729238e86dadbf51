// Every HTTP exchange of an application, from the server's own event to the handler. May import @audit/core and http.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { getAuditContext, withAuditContext } from '@audit/core';
import {
  beginExchange,
  findExchange,
  type HttpExchange,
  type HttpRecorder,
  type RequestAudit,
} from '@audit/http';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { routeOf } from './framework-request.ts';
import { frameworkSide, requestNotes } from './request-notes.ts';

/** The few members of a Fastify instance and its requests that are used here. */
interface FastifyInstance {
  addHook(name: 'onRequest' | 'preValidation', hook: FastifyHook): unknown;
  hasRequestDecorator(name: string): boolean;
  decorateRequest(name: string, value: null): unknown;
  /** Of @fastify/middie, which Nest registers. */
  use?(...middleware: unknown[]): unknown;
}
interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly ip: string;
  audit: RequestAudit | undefined;
}
interface FastifyReply {
  readonly raw: ServerResponse;
}
type FastifyHook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

interface ExpressApplication {
  get(setting: 'trust proxy'): unknown;
}

/**
 * Follows the exchanges of one application. Each begins at the server's `request` event, before Express or
 * Fastify see it, so that what body parsers, CORS, other middleware or the router itself answer is recorded, too;
 * and its context is entered as early as the framework lets us.
 */
export class HttpTraffic {
  readonly #recorder: HttpRecorder;
  #express: ExpressApplication | undefined;
  #fastify: FastifyInstance | undefined;
  #wrapped: FastifyInstance['use'];
  #hooked: unknown;

  constructor(recorder: HttpRecorder) {
    this.#recorder = recorder;
  }

  /**
   * Mounts on the adapter itself: before the body parser and whatever `main.ts` mounts, if called while modules
   * are constructed. Called again for an adapter that came later, as in a testing module.
   */
  mount(adapter: AbstractHttpAdapter | undefined): void {
    const type = adapter?.getType?.();
    if (adapter === undefined || adapter === this.#hooked) return;
    if (type === 'express') {
      this.#express = adapter.getInstance<ExpressApplication>();
      adapter.use(this.enter);
    } else if (type === 'fastify') {
      const fastify = adapter.getInstance<FastifyInstance>();
      this.#fastify = fastify;
      this.#comeFirst(fastify);
      if (!fastify.hasRequestDecorator('audit')) fastify.decorateRequest('audit', null);
      fastify.addHook('onRequest', this.#enterFastify);
      // The body arrives in callbacks of the connection, which belong to no request: the context is lost on the way.
      fastify.addHook('preValidation', this.#reenterFastify);
    } else {
      return;
    }
    this.#hooked = adapter;
  }

  /**
   * Once what `main.ts` mounts is mounted, before the middleware of modules: what stands in between, a body parser
   * first of all, may have lost the context. False for an adapter of another framework.
   */
  remount(adapter: AbstractHttpAdapter): boolean {
    if (adapter !== this.#hooked) return false;
    if (this.#fastify === undefined) adapter.use(this.enter);
    // Middleware comes later for an adapter that had none at first.
    else this.#comeFirst(this.#fastify);
    return true;
  }

  /**
   * Middleware of others runs before our hooks on Fastify, so the first of them brings ours along. Without any, there
   * is none: for the sake of a middleware each request is given nine more properties.
   */
  #comeFirst(fastify: FastifyInstance): void {
    const { use } = fastify;
    if (use === undefined || this.#wrapped === use) return;
    let first = true;
    const enter = this.enter;
    this.#wrapped = function (this: FastifyInstance, ...middleware) {
      if (first) use.call(this, enter);
      first = false;
      return use.apply(this, middleware);
    };
    fastify.use = this.#wrapped;
  }

  /** Listens to the server; before `listen()`. A module imported twice leaves each exchange to one of them. */
  attach(server: Server): void {
    server.prependListener('request', (req, res) => void (findExchange(req) ?? this.#begin(req, res)));
  }

  /** The middleware: enters the context of the exchange. */
  readonly enter = (req: IncomingMessage, res: ServerResponse, next: () => void): void => {
    const exchange = findExchange(req) ?? this.#begin(req, res);
    if (exchange === undefined || getAuditContext() === exchange.context) {
      next();
      return;
    }
    const request = frameworkSide(req).request as IncomingMessage & { ip?: string };
    exchange.noteAddress(request.ip);
    if (this.#express?.get('trust proxy') === true) this.#warnOfTrust();
    exchange.admit(() => this.#run(exchange, next));
  };

  readonly #enterFastify: FastifyHook = (request, reply, done) => {
    const noted = requestNotes(request.raw);
    noted.request = request as unknown as IncomingMessage;
    noted.response = reply as unknown as ServerResponse;
    this.enter(request.raw, reply.raw, () => {
      request.audit = findExchange(request.raw)?.audit;
      done();
    });
  };

  readonly #reenterFastify: FastifyHook = (request, _reply, done) => {
    const exchange = findExchange(request.raw);
    if (exchange === undefined) done();
    else this.#run(exchange, done);
  };

  #begin(req: IncomingMessage, res: ServerResponse): HttpExchange | undefined {
    if (req.httpVersionMajor > 1) {
      const message = 'HTTP/2 requests are answered but not recorded by @audit/nest.';
      this.#recorder.warnings.once('AUDIT_NOT_RECORDED', message);
      return undefined;
    }
    const noted = requestNotes(req);
    const exchange = beginExchange(req, res, this.#recorder, {
      // Where no guard has seen it, Express may name the path of a middleware as the route; Fastify does not.
      route: () => noted.route ?? (noted.request && routeOf(noted.request)),
    });
    (req as { audit?: RequestAudit }).audit = exchange.audit;
    return exchange;
  }

  #run(exchange: HttpExchange, next: () => void): void {
    // Entered once: a context inside itself would keep the actor as it is now.
    if (getAuditContext() === exchange.context) next();
    else withAuditContext(exchange.context, next);
  }

  #warnOfTrust(): void {
    this.#recorder.warnings.once(
      'AUDIT_TRUST_PROXY',
      "'trust proxy' is true, so the client's address in the audit log is whatever it writes into X-Forwarded-For: set it to the number of proxies in front, or to their addresses.",
    );
  }
}
