// What a call by a microservice message or a gateway message knows about itself. Imports core.
import type { Actor } from '@audit/core';
import { type HttpRecorder, normalizeAddress } from '@audit/http';
import type { ExecutionContext } from '@nestjs/common';
import type { AuditModuleOptions } from '../audit-module-options.interface.ts';
import type { CallSource } from '../calls/handler-call.ts';
import { claimedActor } from './claimed-actor.ts';
import { ANONYMOUS, newIdentity } from './message-identity.ts';
import type { MessageScope } from './message-scope.ts';
import { rpcEvent } from './rpc-event.ts';
import { wsEvent } from './ws-event.ts';

/**
 * Undefined where the call is of a kind that is not recorded.
 *
 * @param scope of the message, where something has received it before the guards
 */
export function messageSource(
  context: ExecutionContext,
  scope: MessageScope | undefined,
  messageActor: AuditModuleOptions['messageActor'],
  recorder: HttpRecorder,
): CallSource | undefined {
  const kind = context.getType();
  if (kind !== 'rpc' && kind !== 'ws') return undefined;
  const identity = scope?.identity ?? newIdentity();
  identity.ask = () => claimedActor(context, messageActor, recorder) ?? anonymous(context);
  return {
    kind,
    context,
    params: {},
    query: {},
    get body(): unknown {
      return kind === 'rpc' ? context.switchToRpc().getData() : context.switchToWs().getData();
    },
    audit: identity,
    auditContext: identity.context,
    message: kind === 'rpc' ? rpcEvent : wsEvent,
  };
}

/** Where the connection can be found, its address: of a TCP socket, a `ws` client or one of socket.io. */
function anonymous(context: ExecutionContext): Actor {
  const source: unknown =
    context.getType() === 'rpc'
      ? (context.switchToRpc().getContext() as { getSocketRef?: () => unknown } | undefined)?.getSocketRef?.()
      : context.switchToWs().getClient();
  const { handshake, _socket, socket } = (source ?? {}) as {
    readonly handshake?: { readonly address?: string };
    readonly _socket?: { readonly remoteAddress?: string };
    readonly socket?: { readonly remoteAddress?: string };
  };
  const ip = normalizeAddress(handshake?.address ?? (_socket ?? socket)?.remoteAddress);
  return ip === undefined ? ANONYMOUS : { ...ANONYMOUS, ip };
}
