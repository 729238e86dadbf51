// The calls of an application's handlers: opened by the guard, followed by the interceptor. May import @nestjs/core.
import type { IncomingMessage } from 'node:http';
import { findExchange, type HttpRecorder } from '@audit/http';
import { type ExecutionContext, Inject, Injectable, Logger } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { AUDIT_OPTIONS } from '../audit.constants.ts';
import { getAuditToken } from '../audit.providers.ts';
import { AuditService } from '../audit.service.ts';
import type { AuditModuleOptions } from '../audit-module-options.interface.ts';
import { rawRequest, rawResponse, routeOf } from '../http/framework-request.ts';
import { watchRefusal } from '../http/refusal.ts';
import { requestNotes } from '../http/request-notes.ts';
import { requestSource } from '../http/request-source.ts';
import { messageSource } from '../messages/message-source.ts';
import { wsMessage } from '../messages/ws-message.ts';
import { type CallSinks, HandlerCall } from './handler-call.ts';
import { handlerRules } from './handler-rules.ts';

/**
 * Calls by what Nest gives every guard and interceptor of one call: the request of HTTP, else the array of
 * arguments. Of the process, so that a module imported twice leaves each call to the first.
 */
const calls = new WeakMap<object, HandlerCall>();

@Injectable()
export class AuditCalls implements CallSinks {
  readonly recorder: HttpRecorder;
  readonly running: Set<HandlerCall> = new Set();
  readonly #options: AuditModuleOptions;
  readonly #moduleRef: ModuleRef;
  readonly #missing = new Set<string>();

  constructor(
    @Inject(AuditService) service: AuditService,
    @Inject(AUDIT_OPTIONS) options: AuditModuleOptions,
    @Inject(ModuleRef) moduleRef: ModuleRef,
  ) {
    this.recorder = service.recorder;
    this.#options = options;
    this.#moduleRef = moduleRef;
    // Nobody will see these end: what a handler did is unknown, that it was called is not.
    service.beforeClose(() => {
      for (const call of this.running) call.settle(call.reached ? 'unknown' : 'aborted');
    });
  }

  /**
   * For the guard: opens the call where somebody sees its end even if no handler takes it. A microservice message
   * has been opened by then, or (in NestJS 11) nobody would.
   */
  foresee(context: ExecutionContext): void {
    const type = context.getType();
    if (type === 'http' || (type === 'ws' && wsMessage() !== undefined)) this.open(context);
  }

  /** The call that hook, guard and interceptor are part of; undefined where it is nothing to record. */
  open(context: ExecutionContext): HandlerCall | undefined {
    const request =
      context.getType() === 'http' ? rawRequest(context.switchToHttp().getRequest()) : undefined;
    const key = request ?? context.getArgs();
    const known = calls.get(key);
    if (known !== undefined) return known;
    const call = request ? this.#openRequest(context, request) : this.#openMessage(context);
    if (call !== undefined) calls.set(key, call);
    return call;
  }

  #openRequest(context: ExecutionContext, raw: IncomingMessage): HandlerCall | undefined {
    const request: unknown = context.switchToHttp().getRequest();
    const exchange = findExchange(raw);
    if (exchange === undefined) return undefined;
    const rules = handlerRules(context.getHandler(), context.getClass());
    const noted = requestNotes(raw);
    noted.route = routeOf(request);
    noted.skip = rules.skip;
    const call = new HandlerCall(requestSource(context, exchange), rules, this);
    if (rules.audit !== undefined) watchRefusal(rawResponse(context.switchToHttp().getResponse()), call);
    return call;
  }

  #openMessage(context: ExecutionContext): HandlerCall | undefined {
    const source = messageSource(context, this.#options.messageActor, this.recorder);
    if (source === undefined) return undefined;
    const call = new HandlerCall(source, handlerRules(context.getHandler(), context.getClass()), this);
    const message = wsMessage();
    if (message !== undefined) message.call = call;
    return call;
  }

  named(name: string): HttpRecorder | undefined {
    try {
      return this.#moduleRef.get<AuditService>(getAuditToken(name), { strict: false }).recorder;
    } catch {
      if (!this.#missing.has(name)) {
        this.#missing.add(name);
        new Logger('AuditModule').error(
          `@Audit({ log: '${name}' }): import AuditModule.forRoot({ name: '${name}', … }); its events are not recorded.`,
        );
      }
      return undefined;
    }
  }
}
