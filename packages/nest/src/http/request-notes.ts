// What is learnt about a request on its way through Nest, kept by node's request.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HandlerCall } from '../calls/handler-call.ts';
import type { HandlerRules } from '../calls/handler-rules.ts';
import { routeOf } from './framework-request.ts';

export interface RequestNotes {
  /** The framework's request and response, where they are not node's own. */
  request?: IncomingMessage;
  response?: ServerResponse;
  /** Pattern of the route that answers. */
  route?: string | undefined;
  /** The handler is decorated with `@SkipAudit()`. */
  skip?: boolean;
  /** The call of its handler. */
  call?: HandlerCall;
}

/** Where a request keeps them: on itself, so that they live no longer than it. */
const NOTES = Symbol('notes');

export function requestNotes(req: IncomingMessage & { [NOTES]?: RequestNotes }): RequestNotes {
  req[NOTES] ??= {};
  return req[NOTES];
}

/** @param request as the framework has it, which has found the route of its handler by now */
export function noteHandler(raw: IncomingMessage, request: unknown, { skip }: HandlerRules): RequestNotes {
  const noted = requestNotes(raw);
  noted.route = routeOf(request);
  noted.skip = skip;
  return noted;
}

/** The request and response as guards and handlers see them. */
export function frameworkSide(req: IncomingMessage): {
  readonly request: IncomingMessage;
  readonly response: ServerResponse | undefined;
} {
  const { request = req, response } = requestNotes(req);
  return { request, response };
}
