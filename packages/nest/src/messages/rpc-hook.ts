// Microservices have no middleware; NestJS 12 has hooks before the guards, which see their refusals.
import type { ExecutionContext } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import type { Observable } from 'rxjs';
import type { AuditCalls } from '../calls/audit-calls.ts';
import { follow } from '../calls/follow.ts';

type Hook = (context: ExecutionContext, next: () => Observable<unknown>) => Observable<unknown>;

/** Registers the hook, and says whether there is such a thing: NestJS 11 has none. */
export function hookMessages(config: ApplicationConfig, calls: AuditCalls): boolean {
  const { registerPreRequestHook } = config as { registerPreRequestHook?: (hook: Hook) => void };
  if (typeof registerPreRequestHook !== 'function') return false;
  registerPreRequestHook.call(config, (context, next) => {
    const call = calls.open(context);
    return call === undefined ? next() : follow(call, call.run(next));
  });
  return true;
}
