// The decorators of handlers and controllers.
import { type Actor, getAuditContext } from '@audit/core';
import { findExchange } from '@audit/http';
import {
  type ContextType,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  SetMetadata,
} from '@nestjs/common';
import { AUDIT_METADATA, AUDIT_SKIP_METADATA } from './audit.constants.ts';
import { getAuditToken } from './audit.providers.ts';
import type { AuditHandlerOptions } from './audit-handler-options.interface.ts';
import { checkHandlerOptions } from './calls/handler-rules.ts';
import { graphqlRequest } from './graphql/graphql-request.ts';
import { resolverArguments } from './graphql/resolver-context.ts';
import { rawRequest } from './http/framework-request.ts';

/**
 * Records every call of the handler, or of each handler of the controller, as an event of its own: what it did, on
 * what, and how that ended, refusals by guards included.
 *
 * @throws TypeError naming the option that is unknown or not of its type
 */
export function Audit<Result = unknown>(
  options: AuditHandlerOptions<Result> = {},
): MethodDecorator & ClassDecorator {
  checkHandlerOptions(options);
  return SetMetadata(AUDIT_METADATA, options);
}

/**
 * Leaves the handler, or the controller, out of the log altogether; `@SkipAudit(false)` takes a handler back in. A
 * resolver shares its request with others, so that one is recorded all the same.
 */
export function SkipAudit(skip = true): MethodDecorator & ClassDecorator {
  return SetMetadata(AUDIT_SKIP_METADATA, skip);
}

/** Gives a handler the actor that its request or message is recorded under, as known when the handler is called. */
export const AuditActor: () => ParameterDecorator = createParamDecorator(
  (_data: undefined, context: ExecutionContext): Actor | undefined => {
    const type = context.getType<ContextType | 'graphql'>();
    const raw =
      type === 'graphql'
        ? graphqlRequest(resolverArguments(context.getArgs()).shared)
        : type === 'http'
          ? rawRequest(context.switchToHttp().getRequest())
          : undefined;
    return (raw && findExchange(raw)?.audit.actor) ?? getAuditContext()?.actor;
  },
);

/** Injects the `AuditService` of a named log; without a name, of the unnamed one. */
export function InjectAudit(name?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getAuditToken(name));
}
