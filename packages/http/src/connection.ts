// What the exchanges of one connection share: its byte counters and its end. Imports node types only.
import type { Socket } from 'node:net';

/** Bytes on the wire, headers included; undefined where the socket does not count. */
export interface WireBytes {
  readonly requestBytes: number | undefined;
  readonly responseBytes: number | undefined;
}

/** An exchange's place on its connection. */
export interface ConnectionShare {
  /** Ends the exchange's share and says what went over the wire for it. Once. */
  leave(): WireBytes;
}

interface Connection {
  /** Told when the socket closes; one for each exchange that is not over. */
  readonly open: Set<() => void>;
  /** `socket.bytesRead` when the last exchange was over: what came since belongs to the next one. */
  readMark: number;
  /** Likewise of `socket.bytesWritten`. */
  writtenMark: number;
}

const connections = new WeakMap<Socket, Connection>();

/**
 * Joins the connection of a request that arrived just now; `closed` is called if the socket closes before
 * `leave()`. That is the safety net: a pipelined response still waiting for its turn never gets the socket,
 * and Node up to 22 then never emits `close` on it. One listener a socket, however many requests it carries.
 *
 * Counters are the socket's, so pipelined requests that arrive in one packet are counted with the first.
 */
export function joinConnection(socket: Socket, closed: () => void): ConnectionShare {
  const connection = connectionOf(socket);
  // Alone on the connection: whatever was written before is somebody else's, seen by us or not.
  if (connection.open.size === 0) connection.writtenMark = socket.bytesWritten;
  connection.open.add(closed);
  return {
    leave() {
      connection.open.delete(closed);
      const requestBytes = difference(socket.bytesRead, connection.readMark);
      const responseBytes = difference(socket.bytesWritten, connection.writtenMark);
      connection.readMark = socket.bytesRead;
      connection.writtenMark = socket.bytesWritten;
      return { requestBytes, responseBytes };
    },
  };
}

function connectionOf(socket: Socket): Connection {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const connection: Connection = { open: new Set(), readMark: 0, writtenMark: 0 };
  connections.set(socket, connection);
  socket.once('close', () => {
    for (const closed of [...connection.open]) closed();
  });
  return connection;
}

/** Sockets that are not TCP (a test's injected stream) may not count; then there is no number to give. */
function difference(now: number | undefined, mark: number): number | undefined {
  return typeof now === 'number' && now >= mark ? now - mark : undefined;
}
