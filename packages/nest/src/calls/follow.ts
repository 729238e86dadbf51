// Follows what a call emits to its end, unchanged. Imports rxjs.
import { Observable } from 'rxjs';
import type { HandlerCall } from './handler-call.ts';

/**
 * `source`, run in the context of `call`, which its end settles. Left by its subscriber before it completed, it is
 * a success where it had emitted something (all that was wanted of it), else aborted.
 */
export function follow(
  call: HandlerCall,
  source: Observable<unknown>,
  noteError?: ((error: unknown) => void) | undefined,
): Observable<unknown> {
  return new Observable((subscriber) => {
    let emitted = false;
    let last: unknown;
    const subscription = call.run(() =>
      source.subscribe({
        next(value) {
          emitted = true;
          last = value;
          subscriber.next(value);
        },
        error(error: unknown) {
          noteError?.(error);
          call.fail(error);
          subscriber.error(error);
        },
        complete() {
          call.settle('success', { result: last });
          subscriber.complete();
        },
      }),
    );
    return () => {
      subscription.unsubscribe();
      call.settle(emitted ? 'success' : 'aborted', { result: last });
    };
  });
}
