// The first global guard: it refuses nothing, and sees every call that a later guard may refuse.
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { AuditCalls } from './calls/audit-calls.ts';

/** Registered by `AuditModule`; import the module first, so that it comes before the application's own guards. */
@Injectable()
export class AuditGuard implements CanActivate {
  readonly #calls: AuditCalls;

  constructor(@Inject(AuditCalls) calls: AuditCalls) {
    this.#calls = calls;
  }

  canActivate(context: ExecutionContext): true {
    this.#calls.foresee(context);
    return true;
  }
}
