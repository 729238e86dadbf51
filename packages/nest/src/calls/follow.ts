// Follows what a call emits to its end, unchanged. Imports rxjs.
import { Observable } from 'rxjs';
import type { HandlerCall } from './handler-call.ts';

export interface FollowOptions {
  /** For the one who sees what the handler itself emits: whoever holds back what is held back is one behind. */
  readonly hold?: boolean;
  readonly noteError?: ((error: unknown) => void) | undefined;
}

/**
 * `source`, run in the context of `call`, which its end settles. Left by its subscriber before it completed, it is
 * a success where it had emitted something (all that was wanted of it), else aborted.
 *
 * A strict call's end waits for its event; with `hold` so does the newest value, which may be the last.
 */
export function follow(
  call: HandlerCall,
  source: Observable<unknown>,
  { hold = false, noteError }: FollowOptions = {},
): Observable<unknown> {
  return new Observable((subscriber) => {
    let newest: { readonly value: unknown } | undefined;
    const passNewest = (): void => {
      if (hold && newest !== undefined) subscriber.next(newest.value);
    };
    /** Hands the end on, or the failure to record it. */
    const end = async (recorded: Promise<Error | undefined>, pass: () => void): Promise<void> => {
      const failure = await recorded;
      if (failure === undefined) return pass();
      noteError?.(failure);
      subscriber.error(failure);
    };
    const subscription = call.run(() =>
      source.subscribe({
        next(value) {
          passNewest();
          newest = { value };
          if (!hold) subscriber.next(value);
        },
        error(error: unknown) {
          noteError?.(error);
          const recorded = call.fail(error);
          const pass = () => {
            passNewest();
            subscriber.error(error);
          };
          if (recorded === undefined) pass();
          else void end(recorded, pass);
        },
        complete() {
          const recorded = call.settle('success', { result: newest?.value });
          const pass = () => {
            passNewest();
            subscriber.complete();
          };
          if (recorded === undefined) pass();
          else void end(recorded, pass);
        },
      }),
    );
    return () => {
      subscription.unsubscribe();
      call.settle(newest === undefined ? 'aborted' : 'success', { result: newest?.value });
    };
  });
}
