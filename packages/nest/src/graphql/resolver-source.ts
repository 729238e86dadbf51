// What a call of a resolver knows about itself. May import @audit/http.
import { type Actor, type AuditContext, getAuditContext } from '@audit/core';
import { findExchange, type HttpRecorder, normalizeAddress } from '@audit/http';
import type { ExecutionContext } from '@nestjs/common';
import type { AuditModuleOptions } from '../audit-module-options.interface.ts';
import type { CallSource } from '../calls/handler-call.ts';
import { claimedActor } from '../messages/claimed-actor.ts';
import { ANONYMOUS, newIdentity } from '../messages/message-identity.ts';
import { graphqlRequest } from './graphql-request.ts';
import { operationOf, resolverArguments } from './resolver-context.ts';

/** Under the actor and trace of the request, which all resolvers that it calls share. */
export function resolverSource(
  context: ExecutionContext,
  messageActor: AuditModuleOptions['messageActor'],
  recorder: HttpRecorder,
): CallSource {
  const { args, shared, info } = resolverArguments(context.getArgs());
  const request = graphqlRequest(shared);
  const current = getAuditContext();
  const auditContext =
    (current?.trace && current) ??
    (request && findExchange(request)?.context) ??
    connectionContext(shared, () => claimedActor(context, messageActor, recorder) ?? anonymous(request));
  return {
    kind: 'graphql',
    context,
    params: args,
    query: {},
    body: undefined,
    headers: request?.headers,
    details: { graphql: operationOf(info) },
    audit: {
      get actor() {
        return auditContext.actor ?? ANONYMOUS;
      },
      get trace() {
        return auditContext.trace ?? {};
      },
    },
    auditContext,
  };
}

const connections = new WeakMap<object, AuditContext>();

/** An operation that came over a web socket: the resolvers of one share its GraphQL context, and so its trace. */
function connectionContext(shared: unknown, ask: () => Actor): AuditContext {
  const key = typeof shared === 'object' ? shared : null;
  const known = key && connections.get(key);
  if (known) return known;
  const identity = newIdentity();
  identity.ask = ask;
  if (key) connections.set(key, identity.context);
  return identity.context;
}

function anonymous(request: ReturnType<typeof graphqlRequest>): Actor {
  const ip = normalizeAddress(request?.socket?.remoteAddress);
  return ip === undefined ? ANONYMOUS : { ...ANONYMOUS, ip };
}
