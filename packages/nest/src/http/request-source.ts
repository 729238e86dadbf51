// What a call of a handler by HTTP knows about itself. May import @audit/http.
import type { HttpExchange } from '@audit/http';
import type { ExecutionContext } from '@nestjs/common';
import type { CallSource } from '../calls/handler-call.ts';

interface ReadRequest {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: unknown;
}

export function requestSource(context: ExecutionContext, exchange: HttpExchange): CallSource {
  const request = context.switchToHttp().getRequest<ReadRequest>();
  return {
    kind: 'http',
    context,
    // Read when asked: pipes and interceptors of the application may still complete them.
    get params() {
      return request.params ?? {};
    },
    get query() {
      return request.query ?? {};
    },
    get body() {
      return request.body;
    },
    headers: request.headers,
    audit: exchange.audit,
    auditContext: exchange.context,
  };
}
