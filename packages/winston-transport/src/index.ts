// The public surface of @audit/winston-transport.

export { AuditTransport } from './audit-transport.ts';
export type { AuditMark } from './details.ts';
export type { LogInfo } from './info.ts';
export { DEFAULT_LEVELS } from './levels.ts';
export {
  type AuditTransportOptions,
  DEFAULT_FLUSH_TIMEOUT,
  DEFAULT_MARK,
  DEFAULT_OVERLOAD,
  DEFAULT_SELECT,
  DEFAULT_SPOOL_RECORDS,
  DEFAULT_STRICT,
  type Overload,
} from './options.ts';
export type { Selection } from './select.ts';
export { ERROR_TYPE, RECORD_CATEGORY, RECORD_TYPE } from './translate.ts';
export { AuditTransportError, type AuditTransportErrorCode, TELL_INTERVAL } from './trouble.ts';
