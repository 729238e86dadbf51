// A microservice message as an event. Reads what @nestjs/microservices leaves on handlers, and imports nothing of it.
import 'reflect-metadata';
import type { AuditEvent } from '@audit/core';
import type { AuditCall } from '../audit-handler-options.interface.ts';
import { handlerName } from '../calls/handler-event.ts';

/** Metadata of `@MessagePattern()` and `@EventPattern()`, the same in NestJS 11 and 12. */
const PATTERN_METADATA = 'microservices:pattern';
const HANDLER_TYPE_METADATA = 'microservices:handler_type';
/** `PatternHandler.EVENT`. */
const EVENT_HANDLER = 2;

/** One `rpc.message` for each message a handler is called with. */
export function rpcEvent(call: AuditCall): AuditEvent {
  const handler = call.context.getHandler();
  const pattern = patternOf(call);
  const context: unknown = call.context.switchToRpc().getContext();
  return {
    type: 'rpc.message',
    category: 'communication',
    level: 'info',
    operation: pattern,
    resource: { type: 'pattern', id: pattern },
    outcome: call.outcome,
    data: {
      pattern,
      kind: Reflect.getMetadata(HANDLER_TYPE_METADATA, handler) === EVENT_HANDLER ? 'event' : 'message',
      transport: transportOf(context),
      handler: handlerName(call),
    },
  };
}

/** The pattern that arrived, as the transport spells it; else the handler's own. */
function patternOf({ context }: AuditCall): string {
  const arrived = context.switchToRpc().getContext<{ getPattern?: () => unknown } | undefined>();
  const declared = Reflect.getMetadata(PATTERN_METADATA, context.getHandler()) as unknown;
  const pattern = arrived?.getPattern?.() ?? (Array.isArray(declared) ? declared[0] : declared);
  if (typeof pattern === 'string' && pattern !== '') return pattern;
  return pattern === undefined || pattern === '' ? 'unknown' : JSON.stringify(pattern);
}

/** `TcpContext` is of tcp, `NatsContext` of nats. */
function transportOf(context: unknown): string | undefined {
  const name = (context as { constructor?: { name?: string } } | null | undefined)?.constructor?.name ?? '';
  return name.endsWith('Context') ? name.slice(0, -'Context'.length).toLowerCase() : undefined;
}
