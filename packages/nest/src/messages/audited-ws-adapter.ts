// Gateways have no middleware either: what sees a message before the guards is the adapter that hands it out.
import { withAuditContext } from '@audit/core';
import type { WebSocketAdapter, WsMessageHandler } from '@nestjs/common';
import { isObservable, tap } from 'rxjs';
import { newIdentity } from './message-identity.ts';
import { runWsMessage, type WsMessage } from './ws-message.ts';

/** `adapter` with message handlers that run in the context of their message, and tell what no handler took. */
export function auditedAdapter(adapter: WebSocketAdapter): WebSocketAdapter {
  return new Proxy(adapter, {
    get(target, key) {
      if (key === 'bindMessageHandlers') return bindAudited(target);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function bindAudited(adapter: WebSocketAdapter): WebSocketAdapter['bindMessageHandlers'] {
  return (client, handlers, transform) =>
    adapter.bindMessageHandlers(client, handlers.map(audited), transform);
}

function audited(handler: WsMessageHandler): WsMessageHandler {
  return { ...handler, callback: (...args: unknown[]) => handle(() => handler.callback(...args)) };
}

async function handle(callback: () => unknown): Promise<unknown> {
  const message: WsMessage = { identity: newIdentity() };
  const result = await runWsMessage(message, () => withAuditContext(message.identity.context, callback));
  // What a guard lets through comes back as what the interceptors made of it; a refusal has been answered by a
  // filter, and is nothing.
  if (!isObservable(result)) {
    message.call?.settle('denied');
    return result;
  }
  // The end of a call that an earlier interceptor answered in place of its handler.
  return result.pipe(
    tap({ finalize: () => (message.call?.reached === false ? message.call.settle('unknown') : undefined) }),
  );
}
