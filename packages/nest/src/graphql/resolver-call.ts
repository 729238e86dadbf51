// The resolver being called, for the interceptor to find.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ExecutionContext } from '@nestjs/common';
import type { HandlerCall } from '../calls/handler-call.ts';

const resolving = new AsyncLocalStorage<HandlerCall>();

export function runResolver<T>(call: HandlerCall, fn: () => T): T {
  return resolving.run(call, fn);
}

/** By graphql's info, which each call of a resolver has its own of: a resolver may run another one. */
export function resolverCall(context: ExecutionContext): HandlerCall | undefined {
  const call = resolving.getStore();
  return call?.source.context.getArgs().at(-1) === context.getArgs().at(-1) ? call : undefined;
}
