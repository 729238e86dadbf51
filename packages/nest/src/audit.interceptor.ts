// The interceptor: sees what a handler returns and throws, before any filter makes something else of it.
import { findExchange } from '@audit/http';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { AuditCalls } from './calls/audit-calls.ts';
import { follow } from './calls/follow.ts';
import { rawRequest } from './http/framework-request.ts';

/** Registered by `AuditModule`. Passes everything on unchanged. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  readonly #calls: AuditCalls;

  constructor(@Inject(AuditCalls) calls: AuditCalls) {
    this.#calls = calls;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const call = this.#calls.open(context);
    if (call === undefined || !call.reach()) return next.handle();
    const request = context.getType() === 'http' && rawRequest(context.switchToHttp().getRequest());
    const noteError = request ? findExchange(request)?.noteError : undefined;
    // Nest binds what follows to the context that `handle()` is called in.
    return follow(
      call,
      call.run(() => next.handle()),
      noteError,
    );
  }
}
