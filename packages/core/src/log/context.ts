// Correlation: what surrounds an event, carried along asynchronous calls by AsyncLocalStorage.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actor, Trace } from '../event/model.ts';

/** Who acts and in which trace, for every event recorded inside. What an event says itself always wins. */
export interface AuditContext {
  readonly actor?: Actor | undefined;
  readonly trace?: Trace | undefined;
}

// On globalThis, so that two copies of this package in one process share one context.
const KEY = Symbol.for('@audit/core:als');
const shared = globalThis as unknown as Record<symbol, AsyncLocalStorage<AuditContext> | undefined>;
shared[KEY] ??= new AsyncLocalStorage<AuditContext>();
const storage = shared[KEY];

/**
 * Runs `fn` inside a context and returns what it returns. Nested contexts merge: `actor` of the inner one
 * replaces the outer one's, `trace` is merged field by field.
 */
export function withAuditContext<T>(context: AuditContext, fn: () => T): T {
  const outer = storage.getStore();
  return storage.run(outer === undefined ? context : merge(outer, context), fn);
}

/** The context of the running code; undefined outside of any. */
export function getAuditContext(): AuditContext | undefined {
  return storage.getStore();
}

/** Looked up when asked: a request learns its actor after its context was entered. */
function merge(outer: AuditContext, inner: AuditContext): AuditContext {
  return {
    get actor() {
      return inner.actor ?? outer.actor;
    },
    get trace() {
      return outer.trace && inner.trace ? { ...outer.trace, ...inner.trace } : (inner.trace ?? outer.trace);
    },
  };
}
