// The public surface of @audit/nest.

export type { HttpOptions, RequestAudit } from '@audit/http';
export { Audit, AuditActor, InjectAudit, SkipAudit } from './audit.decorator.ts';
export { AuditGuard } from './audit.guard.ts';
export { type AuditHealthDetails, AuditHealthIndicator, type AuditHealthResult } from './audit.health.ts';
export { AuditInterceptor } from './audit.interceptor.ts';
export type { ModuleLog } from './audit.log.ts';
export { AuditModule } from './audit.module.ts';
export type { ConfigurableModuleClass } from './audit.module-definition.ts';
export { getAuditToken } from './audit.providers.ts';
export { AuditService } from './audit.service.ts';
export type {
  AuditCall,
  AuditCallKind,
  AuditHandlerOptions,
  AuditOnFailure,
  AuditParamResource,
} from './audit-handler-options.interface.ts';
export type {
  AuditModuleExtras,
  AuditModuleOptions,
  AuditOptionsFactory,
} from './audit-module-options.interface.ts';
export type { AuditCalls } from './calls/audit-calls.ts';
export type { CallSinks, CallSource, HandlerCall } from './calls/handler-call.ts';
export {
  DEFAULT_HANDLER_CATEGORY,
  DEFAULT_HANDLER_TYPE,
  DEFAULT_ON_FAILURE,
  type HandlerRules,
} from './calls/handler-rules.ts';
