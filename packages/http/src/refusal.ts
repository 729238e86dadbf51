// The answer to a request that cannot be recorded, where it must be: 503, try again. Imports node types only.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Seconds after which a client may try again (`Retry-After`, RFC 9110 §10.2.3). */
export const RETRY_AFTER = 5;

/** How long a client may take to read the answer before the connection is closed on it, in milliseconds. */
const LINGER_MS = 2_000;

const NOTHING_RAN = 'This request was not handled: it could not be recorded. Try again later.\n';
const WITHHELD =
  'This request was handled, but it could not be recorded, so its answer is withheld. What it did may have happened.\n';

/** Nothing ran: an ordinary answer. */
export function refuseRequest(res: ServerResponse): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  res.writeHead(503, {
    'content-length': Buffer.byteLength(NOTHING_RAN),
    'content-type': 'text/plain; charset=utf-8',
    'retry-after': String(RETRY_AFTER),
  });
  res.end(NOTHING_RAN);
}

/**
 * The handler has made its header, which cannot be taken back, and not a byte of it has left: this goes out in its
 * place, and the connection ends with it.
 */
export function withholdResponse(
  req: IncomingMessage,
  res: ServerResponse,
  headers: readonly string[],
): void {
  const { socket } = res;
  // Pipelined behind others: its turn has not come, and it never will.
  if (socket === null) {
    res.once('socket', () => withholdResponse(req, res, headers));
    return;
  }
  const body = req.method === 'HEAD' ? '' : WITHHELD;
  const lines = [
    'HTTP/1.1 503 Service Unavailable',
    `Date: ${new Date().toUTCString()}`,
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(WITHHELD)}`,
    'Content-Type: text/plain; charset=utf-8',
    `Retry-After: ${RETRY_AFTER}`,
    ...headers,
  ];
  // What is left of the request is read and forgotten, for a while: closing over it would reset the connection, and
  // the client would lose the answer (RFC 9112 §9.6).
  req.resume();
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  const linger = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(linger));
}
