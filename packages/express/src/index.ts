// The public surface of @audit/express.

export type { HttpOptions, RequestAudit } from '@audit/http';
export {
  DEFAULT_HEADERS,
  DEFAULT_REQUEST_ID_HEADER,
  DEFAULT_RESPONSE_HEADERS,
  DEFAULT_TRACEPARENT,
} from '@audit/http';
export { auditErrors } from './audit-errors.ts';
// biome-ignore lint/style/noDefaultExport: Express middleware is imported by default as often as by name.
export { type AuditExpressOptions, auditExpress, auditExpress as default } from './audit-express.ts';
