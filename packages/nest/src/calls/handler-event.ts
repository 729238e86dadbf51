// The event that a call of an @Audit() handler becomes. Imports core types only.
import type { AuditEvent, Resource } from '@audit/core';
import type { AuditCall, AuditHandlerOptions } from '../audit-handler-options.interface.ts';
import { classify } from './handler-rules.ts';

type Complain = (option: string, handler: string, error: unknown) => void;

/** Stands for the id of a resource that the call does not name. */
const UNKNOWN_ID = 'unknown';

export function handlerEvent(options: AuditHandlerOptions, call: AuditCall, complain: Complain): AuditEvent {
  const name = handlerName(call);
  const ask = <T>(option: string, fn: (call: AuditCall) => T): T | undefined => {
    try {
      return fn(call);
    } catch (error) {
      complain(option, name, error);
      return undefined;
    }
  };
  const { operation, resource, data } = options;
  return {
    ...classify(options),
    operation: (typeof operation === 'function' ? ask('operation', operation) : operation) ?? name,
    resource: (typeof resource === 'function' ? ask('resource', resource) : namedBy(resource, call)) ?? {
      type: 'handler',
      id: name,
    },
    outcome: call.outcome,
    data: { ...(data && ask('data', data)), handler: name },
  };
}

/** `Class.method`. */
export function handlerName({ context }: Pick<AuditCall, 'context'>): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}

function namedBy(resource: AuditHandlerOptions['resource'], call: AuditCall): Resource | undefined {
  if (resource === undefined || typeof resource === 'function') return undefined;
  if (!('param' in resource)) return resource;
  const { type, param } = resource;
  const id = call.params[param] ?? (call.body as Record<string, unknown> | null | undefined)?.[param];
  return { type, id: id === undefined || id === null || id === '' ? UNKNOWN_ID : String(id) };
}
