// The calls of an application's handlers: opened by the guard, followed by the interceptor. May import @nestjs/core.
import type { IncomingMessage } from 'node:http';
import { findExchange, type HttpRecorder } from '@audit/http';
import { type CallHandler, type ExecutionContext, Inject, Injectable, Logger } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type Observable, tap } from 'rxjs';
import { AUDIT_OPTIONS } from '../audit.constants.ts';
import { getAuditToken } from '../audit.providers.ts';
import { AuditService } from '../audit.service.ts';
import type { AuditModuleOptions } from '../audit-module-options.interface.ts';
import { resolverCall } from '../graphql/resolver-call.ts';
import { resolverSource } from '../graphql/resolver-source.ts';
import { rawRequest, rawResponse } from '../http/framework-request.ts';
import { watchRefusal } from '../http/refusal.ts';
import { noteHandler, requestNotes } from '../http/request-notes.ts';
import { requestSource } from '../http/request-source.ts';
import { messageScope } from '../messages/message-scope.ts';
import { messageSource } from '../messages/message-source.ts';
import { follow } from './follow.ts';
import { type CallSinks, HandlerCall } from './handler-call.ts';
import { handlerRules } from './handler-rules.ts';

/**
 * Calls by message, by what Nest gives every guard and interceptor of one call: the array of arguments. Of the
 * process, so that a module imported twice leaves each call to the first. A request keeps its own.
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

  /** For the guard: opens the call where somebody sees its end even if no handler takes it. */
  foresee(context: ExecutionContext): void {
    if (context.getType() === 'http' || messageScope() !== undefined) this.open(context);
  }

  /** For the interceptor: follows what the handler returns and throws, before any filter makes something else of it. */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request =
      context.getType() === 'http' ? rawRequest(context.switchToHttp().getRequest()) : undefined;
    const exchange = request && findExchange(request);
    const noteError = exchange && ((error: unknown) => exchange.noteError(error));
    const call = this.open(context);
    if (call === undefined) {
      return noteError ? next.handle().pipe(tap({ error: noteError })) : next.handle();
    }
    if (!call.reach()) return next.handle();
    // Nest binds what follows to the context that `handle()` is called in.
    const handled = call.run(() => next.handle());
    return follow(call, handled, { hold: call.strict, noteError });
  }

  /** The call that hook, guard and interceptor are part of; undefined where it is nothing to record. */
  open(context: ExecutionContext): HandlerCall | undefined {
    if (context.getType<string>() === 'graphql') return resolverCall(context);
    const request =
      context.getType() === 'http' ? rawRequest(context.switchToHttp().getRequest()) : undefined;
    if (request !== undefined) return requestNotes(request).call ?? this.#openRequest(context, request);
    const key = context.getArgs();
    const known = calls.get(key);
    if (known !== undefined) return known;
    const call = this.#openMessage(context);
    if (call !== undefined) calls.set(key, call);
    return call;
  }

  /** For a resolver, in whose context guard and interceptor find the call. */
  openResolver(context: ExecutionContext): HandlerCall {
    const source = resolverSource(context, this.#options.messageActor, this.recorder);
    return new HandlerCall(source, handlerRules(context.getHandler(), context.getClass()), this);
  }

  #openRequest(context: ExecutionContext, raw: IncomingMessage): HandlerCall | undefined {
    const request: unknown = context.switchToHttp().getRequest();
    const exchange = findExchange(raw);
    if (exchange === undefined) return undefined;
    const rules = handlerRules(context.getHandler(), context.getClass());
    const noted = noteHandler(raw, request, rules);
    // The exchange records itself; only what `@Audit()` asks for is a call to follow.
    if (rules.audit === undefined) return undefined;
    const call = new HandlerCall(requestSource(context, exchange), rules, this);
    noted.call = call;
    watchRefusal(rawResponse(context.switchToHttp().getResponse()), call);
    return call;
  }

  #openMessage(context: ExecutionContext): HandlerCall | undefined {
    const received = messageScope();
    // A message inside the handler of another one is of a scope that has its call.
    const scope = received?.call === undefined ? received : undefined;
    const source = messageSource(context, scope, this.#options.messageActor, this.recorder);
    if (source === undefined) return undefined;
    const call = new HandlerCall(source, handlerRules(context.getHandler(), context.getClass()), this);
    if (scope !== undefined) scope.call = call;
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
