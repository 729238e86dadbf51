// Routes of which nothing is asked: called without our guard, and past Nest's path through RxJS. May import @nestjs/core.
import 'reflect-metadata';
import { getAuditContext, withAuditContext } from '@audit/core';
import { findExchange } from '@audit/http';
import { isObservable, tap } from 'rxjs';
import { AuditGuard } from '../audit.guard.ts';
import { AuditInterceptor } from '../audit.interceptor.ts';
import { type HandlerRules, handlerRules } from '../calls/handler-rules.ts';
import { rawRequest } from './framework-request.ts';
import { noteHandler } from './request-notes.ts';

/** Metadata of `@Get()` and its like. */
const METHOD_METADATA = 'method';

/** `InterceptorsConsumer.intercept` of Nest, the same in NestJS 11 and 12. */
type Intercept = (
  this: unknown,
  interceptors: readonly unknown[],
  args: readonly unknown[],
  instance: object,
  callback: object,
  next: () => Promise<unknown>,
  type?: string,
) => Promise<unknown>;

/** `GuardsContextCreator.create`: the guards of one handler, once for each. */
type CreateGuards = (this: unknown, instance: object, callback: object, ...rest: unknown[]) => unknown[];

let shortened: Promise<void> | undefined;

/**
 * A route without `@Audit()` needs of guard and interceptor three things: its pattern, whether it is skipped, and what
 * it throws before a filter makes something else of it. An interceptor has Nest make several observables and
 * resources of every call (docs/performance.md), so these are read where Nest would begin to. In this process all
 * applications share those classes: each goes by its own guard and interceptor. Where NestJS keeps them elsewhere one
 * day, everything is recorded as ever, only slower.
 */
export function shortenPlainRoutes(): Promise<void> {
  shortened ??= Promise.allSettled([
    import('@nestjs/core/interceptors/interceptors-consumer.js').then(({ InterceptorsConsumer }) => {
      const consumer = InterceptorsConsumer.prototype as unknown as { intercept: Intercept };
      consumer.intercept = pastInterceptor(consumer.intercept);
    }),
    import('@nestjs/core/guards/guards-context-creator.js').then(({ GuardsContextCreator }) => {
      const creator = GuardsContextCreator.prototype as unknown as { create: CreateGuards };
      creator.create = withoutLoneGuard(creator.create);
    }),
  ]).then(() => undefined);
  return shortened;
}

/** Other interceptors are run as ever; ours is the first, so what they make of a call is what it would have seen. */
function pastInterceptor(intercept: Intercept): Intercept {
  return function (interceptors, args, instance, callback, next, type) {
    if (type === 'http' && interceptors[0] instanceof AuditInterceptor) {
      const rules = handlerRules(callback, instance.constructor);
      if (rules.audit === undefined) {
        const others = interceptors.slice(1);
        const proceed = () => intercept.call(this, others, args, instance, callback, next, type);
        return callPlainly(args[0], rules, proceed);
      }
    }
    return intercept.call(this, interceptors, args, instance, callback, next, type);
  };
}

async function callPlainly(request: unknown, rules: HandlerRules, proceed: () => Promise<unknown>) {
  const raw = rawRequest(request);
  const exchange = raw && findExchange(raw);
  if (raw === undefined || exchange === undefined) return proceed();
  noteHandler(raw, request, rules);
  let result: unknown;
  try {
    const { context } = exchange;
    // A middleware of the application may have lost it on the way.
    result = await (getAuditContext() === context ? proceed() : withAuditContext(context, proceed));
  } catch (error) {
    exchange.noteError(error);
    throw error;
  }
  if (!isObservable(result)) return result;
  return result.pipe(tap({ error: (error: unknown) => exchange.noteError(error) }));
}

/** Alone, our guard is there to see what no other guard can refuse; what else it notes is noted above. */
function withoutLoneGuard(create: CreateGuards): CreateGuards {
  return function (instance, callback, ...rest) {
    const guards = create.call(this, instance, callback, ...rest);
    const lone = guards.length === 1 && guards[0] instanceof AuditGuard;
    if (!lone || !Reflect.hasMetadata(METHOD_METADATA, callback)) return guards;
    return handlerRules(callback, instance.constructor).audit === undefined ? [] : guards;
  };
}
