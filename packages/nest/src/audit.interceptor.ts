// The interceptor: sees what a handler returns and throws, before any filter makes something else of it.
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { AuditCalls } from './calls/audit-calls.ts';

/** Registered by `AuditModule`. Passes everything on unchanged; what is `strict`, once its entry is durable. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  readonly #calls: AuditCalls;

  constructor(@Inject(AuditCalls) calls: AuditCalls) {
    this.#calls = calls;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return this.#calls.intercept(context, next);
  }
}
