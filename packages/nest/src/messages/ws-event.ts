// A gateway message as an event. Reads what @nestjs/websockets leaves on handlers, and imports nothing of it.
import 'reflect-metadata';
import type { AuditEvent } from '@audit/core';
import type { AuditCall } from '../audit-handler-options.interface.ts';
import { handlerName } from '../calls/handler-event.ts';

/** Metadata of `@SubscribeMessage()`. */
const MESSAGE_METADATA = 'message';

/** One `ws.message` for each message a handler is called with. */
export function wsEvent(call: AuditCall): AuditEvent {
  const message = String(Reflect.getMetadata(MESSAGE_METADATA, call.context.getHandler()) ?? 'unknown');
  return {
    type: 'ws.message',
    category: 'communication',
    level: 'info',
    operation: message,
    resource: { type: 'message', id: message },
    outcome: call.outcome,
    data: { message, handler: handlerName(call) },
  };
}
