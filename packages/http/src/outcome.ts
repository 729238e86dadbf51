// How an exchange ended, and what that means as an outcome: events.md, *HTTP*. Imports core types only.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Outcome } from '@audit/core';

/** `finished`: all of it was handed to the network. `client-gone`: the client left first. `broken-off`: the server did. */
export type Ending = 'finished' | 'client-gone' | 'broken-off';

/** What the network reports when the other side is gone without a goodbye. */
const GONE = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
]);

/**
 * Watches `res` from now on; the function returned tells whether all of it was handed to the network.
 *
 * `res.writableFinished` alone cannot tell: it turns true when `end()` is called on a response whose client is
 * gone, and both it and `finish` come when a socket is destroyed under data that still waits. What tells is
 * whether the socket was alive at the moment of `finish`. Prepended, because Node's own listener may destroy
 * the socket after the last response.
 */
export function watchFinish(res: ServerResponse, socket: Socket): () => boolean {
  let finished = res.writableFinished;
  res.prependListener('finish', () => {
    finished = !socket.destroyed;
  });
  return () => finished;
}

/**
 * Read at `close` of the response or of its socket. `statusCode` cannot tell: it is 200 until somebody
 * sets it. Nor can `req.aborted` or `req.errored`: Node sets both for any socket that closes early, whoever
 * closed it. The socket can: only a client makes it end (FIN) or fail with a network error (RST, a dead
 * peer), while a server that destroys it leaves neither. An error the server itself passed to `destroy`, an
 * upstream's ECONNRESET say, is on the socket too, but then on `res` or `req` as the same object.
 */
export function endingOf(
  finished: boolean,
  req: IncomingMessage,
  res: ServerResponse,
  socket: Socket,
): Ending {
  if (finished) return 'finished';
  if (socket.readableEnded) return 'client-gone';
  const error: (Error & { readonly code?: unknown }) | null = socket.errored;
  if (error === null || error === res.errored || error === req.errored) return 'broken-off';
  return typeof error.code === 'string' && GONE.has(error.code) ? 'client-gone' : 'broken-off';
}

/**
 * The status the client was sent; null where no header left. `headersSent` only says that the header was made:
 * of a pipelined response that waited in vain, or of one ended after its client had gone, not a byte was written.
 */
export function statusOf(
  ending: Ending,
  res: ServerResponse,
  responseBytes: number | undefined,
): number | null {
  const sent = ending === 'finished' || (res.headersSent && responseBytes !== 0);
  return sent ? res.statusCode : null;
}

/** 401, 403 and 407 refuse; any other status from 400 on is a failure. */
export function outcomeOf(ending: Ending, status: number | null): Outcome {
  if (ending === 'client-gone') return 'aborted';
  if (ending === 'broken-off' || status === null) return 'failure';
  if (status === 401 || status === 403 || status === 407) return 'denied';
  return status < 400 ? 'success' : 'failure';
}
