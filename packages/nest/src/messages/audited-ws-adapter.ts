// Gateways have no middleware either: what sees a message before the guards is the adapter that hands it out.
import type { WebSocketAdapter, WsMessageHandler } from '@nestjs/common';
import type { MessageCalls } from './message-scope.ts';
import { receive } from './receive.ts';

/** `adapter` with message handlers that run in the context of their message, and tell what no handler took. */
export function auditedAdapter(adapter: WebSocketAdapter, calls: MessageCalls): WebSocketAdapter {
  const audited = (handler: WsMessageHandler): WsMessageHandler => ({
    ...handler,
    callback: (...args: unknown[]) => receive(calls, () => handler.callback(...args)) as Promise<never>,
  });
  const bindMessageHandlers: WebSocketAdapter['bindMessageHandlers'] = (client, handlers, transform) =>
    adapter.bindMessageHandlers(client, handlers.map(audited), transform);
  return new Proxy(adapter, {
    get(target, key) {
      if (key === 'bindMessageHandlers') return bindMessageHandlers;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
