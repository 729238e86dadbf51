// The message being handled, for the guard to find: nothing Nest hands it is the message's own.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallHandler, ExecutionContext } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { HandlerCall } from '../calls/handler-call.ts';
import type { MessageIdentity } from './message-identity.ts';

/** What of `AuditCalls` a message needs: whose application it came to. */
export interface MessageCalls {
  foresee(context: ExecutionContext): void;
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown>;
}

/** A message from where it is received to the end of its handler. */
export interface MessageScope {
  readonly calls: MessageCalls;
  readonly identity: MessageIdentity;
  /** Opened by the guard. */
  call?: HandlerCall;
}

const scopes = new AsyncLocalStorage<MessageScope>();

export function runInScope<T>(scope: MessageScope, fn: () => T): T {
  return scopes.run(scope, fn);
}

export function messageScope(): MessageScope | undefined {
  return scopes.getStore();
}
