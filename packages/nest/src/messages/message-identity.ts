// Who sent a message, and the trace it is the beginning of. Imports core.
import { randomUUID } from 'node:crypto';
import type { Actor, AuditContext, Trace } from '@audit/core';

/** Who sent a message and its trace; the actor is asked for whenever something is recorded. */
export interface MessageIdentity {
  readonly actor: Actor;
  readonly trace: Trace;
  readonly context: AuditContext;
  /** Set once a guard has seen what the actor is read from. */
  ask: () => Actor;
}

export function newIdentity(): MessageIdentity {
  const trace: Trace = { requestId: randomUUID() };
  const identity: MessageIdentity = {
    get actor() {
      return identity.ask();
    },
    trace,
    context: {
      get actor() {
        return identity.ask();
      },
      trace,
    },
    ask: () => ANONYMOUS,
  };
  return identity;
}

/** Stands for whoever nobody vouches for. Source: events.md, *HTTP*. */
export const ANONYMOUS: Actor = { type: 'anonymous', id: 'anonymous' };
