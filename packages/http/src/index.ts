// The public surface of @audit/http.

export { forwardedFor, MAX_FORWARDED_FOR, normalizeAddress } from './address.ts';
export type { FrameworkFacts } from './arrival.ts';
export { beginExchange, findExchange, type HttpExchange } from './exchange.ts';
export { MAX_HEADER_VALUE } from './headers.ts';
export {
  DEFAULT_HEADERS,
  DEFAULT_REQUEST_ID_HEADER,
  DEFAULT_RESPONSE_HEADERS,
  DEFAULT_TRACEPARENT,
  type HttpOptions,
  type HttpSettings,
} from './options.ts';
export { HttpRecorder } from './recorder.ts';
export type { RequestAudit } from './request-audit.ts';
export { MAX_REQUEST_ID } from './request-id.ts';
export { parseTraceparent, type TraceParent } from './traceparent.ts';
export type { HttpWarningCode, Warnings } from './warnings.ts';
