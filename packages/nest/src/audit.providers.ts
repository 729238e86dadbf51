// What is injected by which token.
import type { InjectionToken } from '@nestjs/common';
import { AuditService } from './audit.service.ts';

/** What the `AuditService` of a log is injected by: the class itself for the unnamed one. */
export function getAuditToken(name?: string): InjectionToken {
  return name === undefined ? AuditService : `AUDIT:SERVICE:${name}`;
}
