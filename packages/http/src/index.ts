// The public surface of @audit/http.

export { forwardedFor, MAX_FORWARDED_FOR, normalizeAddress } from './address.ts';
export type { FrameworkFacts } from './arrival.ts';
export { DEFAULT_MAX_BODY, MAX_MAX_BODY, type RecordedBody } from './body.ts';
export { DEFAULT_DETAIL, type DetailFacts, type DetailRules } from './detail.ts';
export { beginExchange, findExchange, type HttpExchange } from './exchange.ts';
export {
  DEFAULT_ON_FAILURE,
  type FailureRule,
  type FailureRules,
  type HttpOnFailure,
} from './failure-rules.ts';
export { type HeaderKind, MAX_HEADER_VALUE, type RecordedHeader } from './headers.ts';
export {
  DEFAULT_HEADERS,
  DEFAULT_REQUEST_ID_HEADER,
  DEFAULT_RESPONSE_HEADERS,
  DEFAULT_TRACEPARENT,
  type HttpOptions,
  type HttpSettings,
} from './options.ts';
export { HttpRecorder } from './recorder.ts';
export { RETRY_AFTER } from './refusal.ts';
export type { RequestAudit } from './request-audit.ts';
export { MAX_REQUEST_ID } from './request-id.ts';
export { parseTraceparent, type TraceParent } from './traceparent.ts';
export type { HttpWarningCode, Warnings } from './warnings.ts';
