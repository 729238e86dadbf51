// Calls that no handler took, because a guard refused them or somebody else answered: told by the response.
import type { ServerResponse } from 'node:http';
import type { HandlerCall } from '../calls/handler-call.ts';
import { outcomeOfStatus } from '../calls/outcome.ts';

/** How long a guard may take over a call whose client has left, before it is put down as aborted; milliseconds. */
const GUARD_GRACE = 30_000;

/**
 * Settles `call` when the response is over, unless a handler has taken it by then. Where the client left first,
 * nobody is told what the guard decides; and if it lets the call through, the handler still runs, and its outcome
 * is the one that counts. So such a call is given time, and memory, up to a limit.
 */
export function watchRefusal(res: ServerResponse, call: HandlerCall): void {
  const over = (): void => {
    if (call.reached) return;
    if (res.writableEnded) call.settle(outcomeOfStatus(res.statusCode));
    else setTimeout(() => call.reached || call.settle('aborted'), GUARD_GRACE).unref();
  };
  if (res.closed) over();
  else res.once('close', over);
}
