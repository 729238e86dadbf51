// The trace of a request: its id, and where the client says it stands in a trace of its own.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Trace } from '@audit/core';
import type { HttpSettings } from './options.ts';
import { chooseRequestId } from './request-id.ts';
import { parseTraceparent } from './traceparent.ts';

/** Also answers the request id in its header, so that the client can name it. No trace is made up where none was sent. */
export function openTrace(req: IncomingMessage, res: ServerResponse, settings: HttpSettings): Trace {
  const { requestIdHeader, traceparent } = settings;
  const requestId = chooseRequestId(requestIdHeader === false ? undefined : req.headers[requestIdHeader]);
  if (requestIdHeader !== false && !res.headersSent) res.setHeader(requestIdHeader, requestId);
  const parent = traceparent ? parseTraceparent(req.headers.traceparent) : undefined;
  return parent === undefined ? { requestId } : { requestId, ...parent };
}
