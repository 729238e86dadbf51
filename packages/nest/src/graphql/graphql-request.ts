// The request behind a resolver, where the application's drivers leave it in the GraphQL context.
import type { IncomingMessage } from 'node:http';
import { rawRequest } from '../http/framework-request.ts';

/** `req` of Nest's drivers, `reply` of Mercurius, and `extra.request` of a web socket under graphql-ws. */
interface SharedContext {
  readonly req?: unknown;
  readonly request?: unknown;
  readonly reply?: { readonly request?: unknown };
}

/** @param shared what all resolvers of an operation are given: the application decides what that is */
export function graphqlRequest(shared: unknown): IncomingMessage | undefined {
  if (typeof shared !== 'object' || shared === null) return undefined;
  const { req, request, reply } = shared as SharedContext;
  const found = req ?? request ?? reply?.request;
  const upgrade = (found as { extra?: { request?: unknown } } | null | undefined)?.extra?.request;
  return rawRequest(upgrade ?? found);
}
