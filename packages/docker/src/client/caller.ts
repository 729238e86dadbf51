// Who asks the engine: the options before the context of the calling code.
import { type Actor, getAuditContext, type Trace } from '@audit/core';
import type { AuditDockerOptions } from './options.ts';

export interface Caller {
  readonly actor: Actor | undefined;
  readonly trace: Trace | undefined;
}

/** Taken when the call is made: what it is answered with may come in another context. */
export function callerNow({ actor, trace }: AuditDockerOptions, complain: (message: string) => void): Caller {
  const context = getAuditContext();
  return {
    actor: (typeof actor === 'function' ? asked(actor, complain) : actor) ?? context?.actor,
    trace: trace && context?.trace ? { ...context.trace, ...trace } : (trace ?? context?.trace),
  };
}

/** A mistake of the application's own function costs what it should have said, never the call. */
function asked(
  actor: () => Actor | null | undefined,
  complain: (message: string) => void,
): Actor | undefined {
  try {
    return actor() ?? undefined;
  } catch (error) {
    complain(`options.actor of auditDocker throws: ${String(error)}`);
    return undefined;
  }
}
