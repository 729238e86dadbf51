// What is learnt about a request on its way through Nest, kept by node's request. Imports node types only.
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface RequestNotes {
  /** The framework's request and response, where they are not node's own. */
  request?: IncomingMessage;
  response?: ServerResponse;
  /** Pattern of the route that answers. */
  route?: string | undefined;
  /** The handler is decorated with `@SkipAudit()`. */
  skip?: boolean;
}

const notes = new WeakMap<IncomingMessage, RequestNotes>();

export function requestNotes(req: IncomingMessage): RequestNotes {
  let noted = notes.get(req);
  if (noted === undefined) {
    noted = {};
    notes.set(req, noted);
  }
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
