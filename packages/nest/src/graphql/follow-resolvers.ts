// Resolvers are made by one factory of Nest's, outside of which guards and filters are seen to end.
import type { ExternalContextCreator } from '@nestjs/core';
import type { AuditCalls } from '../calls/audit-calls.ts';
import type { HandlerCall } from '../calls/handler-call.ts';
import { handlerRules } from '../calls/handler-rules.ts';
import { outcomeOfError } from '../calls/outcome.ts';
import { resolverCall, runResolver } from './resolver-call.ts';
import { ResolverContext } from './resolver-context.ts';

type Resolver = (...args: unknown[]) => Promise<unknown>;

/** The arguments of `ExternalContextCreator.create`. */
type Creation = [
  instance: Record<string, () => unknown>,
  callback: () => unknown,
  methodName: string,
  metadataKey: unknown,
  paramsFactory: unknown,
  contextId: unknown,
  inquirerId: unknown,
  options: { readonly interceptors?: boolean } | undefined,
  contextType: string | undefined,
];

/** Has `creator`, which each application has its own of, follow the resolvers with `@Audit()`; the rest are as ever. */
export function followResolvers(creator: ExternalContextCreator, calls: AuditCalls): void {
  const create = creator.create as unknown as (...creation: Creation) => Resolver;
  const followed = (...creation: Creation): Resolver => {
    const resolver = create.apply(creator, creation);
    const [instance, callback, methodName, , , , , options, contextType] = creation;
    if (contextType !== 'graphql') return resolver;
    // What is called may be something that a driver has made of the method; what is decorated is the method.
    const handler = instance[methodName] ?? callback;
    const controller = instance.constructor as unknown as new () => unknown;
    const { audit, skip } = handlerRules(handler, controller);
    if (audit === undefined || skip) return resolver;
    const intercepted = options === undefined || options.interceptors === true;
    return (...args) => {
      const context = new ResolverContext(args, controller, handler);
      // A module imported twice leaves each call to the first.
      if (resolverCall(context) !== undefined) return resolver(...args);
      const call = calls.openResolver(context);
      // Nobody will see whether the handler is reached, so it is taken to be.
      if (!intercepted) call.reach();
      return resolve(call, () => resolver(...args));
    };
  };
  creator.create = followed as unknown as typeof creator.create;
}

async function resolve(call: HandlerCall, resolver: () => Promise<unknown>): Promise<unknown> {
  let result: unknown;
  try {
    result = await runResolver(call, () => call.run(resolver));
  } catch (error) {
    throw (await call.fail(error)) ?? error;
  }
  const failure = await call.settle(...endOf(result, call.reached));
  if (failure !== undefined) throw failure;
  return result;
}

/** @param reached whether the handler has run; else a guard has refused, or an earlier interceptor answered for it */
function endOf(result: unknown, reached: boolean): Parameters<HandlerCall['settle']> {
  // GraphQL takes a returned error for a thrown one, and that is what filters make of what guards have thrown.
  if (result instanceof Error) return [reached ? outcomeOfError(result) : 'denied', { error: result }];
  return reached ? ['success', { result }] : ['unknown'];
}
