// A message that is handed to Nest where nothing sees it before the guards: a gateway's, and in NestJS 11 any.
import { withAuditContext } from '@audit/core';
import { isObservable, Observable, tap } from 'rxjs';
import { newIdentity } from './message-identity.ts';
import { type MessageCalls, type MessageScope, runInScope } from './message-scope.ts';

/**
 * Runs `handler`, which is guards, interceptors, handler and filters in one, in the context of a new message, and
 * tells what no handler took. A refusal has met the filters by then, so how it ended is all that is known of it.
 */
export async function receive(calls: MessageCalls, handler: () => unknown): Promise<unknown> {
  const scope: MessageScope = { calls, identity: newIdentity() };
  const enter = <T>(fn: () => T): T => runInScope(scope, () => withAuditContext(scope.identity.context, fn));
  const unreached = () => (scope.call?.reached === false ? scope.call : undefined);
  const result = await enter(handler);
  if (!isObservable(result)) {
    unreached()?.settle('denied');
    return result;
  }
  const told = result.pipe(
    tap({
      error: (error: unknown) => void unreached()?.settle('denied', { error }),
      // An earlier interceptor, or a filter, has answered in place of the handler.
      finalize: () => void unreached()?.settle('unknown'),
    }),
  );
  // What a guard lets through comes back as what the interceptors made of it, and runs when it is subscribed to.
  return new Observable((subscriber) => enter(() => told.subscribe(subscriber)));
}
