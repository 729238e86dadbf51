// The gateway message being handled, for the guard to find: nothing Nest hands it is the message's own.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { HandlerCall } from '../calls/handler-call.ts';
import type { MessageIdentity } from './message-identity.ts';

/** A message from the adapter to the end of its handler. */
export interface WsMessage {
  readonly identity: MessageIdentity;
  /** Opened by the guard. */
  call?: HandlerCall;
}

const messages = new AsyncLocalStorage<WsMessage>();

export function runWsMessage<T>(message: WsMessage, fn: () => T): T {
  return messages.run(message, fn);
}

export function wsMessage(): WsMessage | undefined {
  return messages.getStore();
}
