// What the exchanges of one connection share: its byte counters and its end. Imports node types only.
import type { Socket } from 'node:net';

/** Bytes on the wire, headers included; undefined where the socket does not count. */
export interface WireBytes {
  readonly requestBytes: number | undefined;
  readonly responseBytes: number | undefined;
}

/** An exchange under way on a connection. */
export interface Passenger {
  /** Called if the socket closes before the passenger has left. */
  socketClosed(): void;
}

/** Where a socket keeps its connection: on the socket, so that what it refers to lives no longer than the socket. */
const CONNECTION = Symbol('connection');

/**
 * What exchanges share of one socket. They join as their requests arrive, and are told if the socket closes before
 * they left. That is the safety net: a pipelined response still waiting for its turn never gets the socket, and Node up
 * to 22 then never emits `close` on it. One listener a socket, however many requests it carries.
 *
 * Counters are the socket's, so pipelined requests that arrive in one packet are counted with the first.
 */
export class Connection {
  readonly #socket: Socket;
  /** Mostly one; several where requests are pipelined. */
  readonly #passengers: Passenger[] = [];
  /** `socket.bytesRead` when the last exchange was over: what came since belongs to the next one. */
  #readMark = 0;
  /** Likewise of `socket.bytesWritten`. */
  #writtenMark = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.once('close', () => {
      for (const passenger of [...this.#passengers]) passenger.socketClosed();
    });
  }

  static of(socket: Socket & { [CONNECTION]?: Connection }): Connection {
    socket[CONNECTION] ??= new Connection(socket);
    return socket[CONNECTION];
  }

  /** Joins with a request that arrived just now. */
  join(passenger: Passenger): void {
    // Alone on the connection: whatever was written before is somebody else's, seen by us or not.
    if (this.#passengers.length === 0) this.#writtenMark = this.#socket.bytesWritten;
    this.#passengers.push(passenger);
  }

  /** Says what went over the wire for an exchange that is over. Once. */
  leave(passenger: Passenger): WireBytes {
    this.#passengers.splice(this.#passengers.indexOf(passenger), 1);
    const { bytesRead, bytesWritten } = this.#socket;
    const requestBytes = difference(bytesRead, this.#readMark);
    const responseBytes = difference(bytesWritten, this.#writtenMark);
    this.#readMark = bytesRead;
    this.#writtenMark = bytesWritten;
    return { requestBytes, responseBytes };
  }
}

/** Sockets that are not TCP (a test's injected stream) may not count; then there is no number to give. */
function difference(now: number | undefined, mark: number): number | undefined {
  return typeof now === 'number' && now >= mark ? now - mark : undefined;
}
