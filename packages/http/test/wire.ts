// Real servers and clients, down to the bytes, for the tests.

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface Listening {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  /** Resolves when every connection is closed. */
  close(): Promise<void>;
}

/** Listens on a free port of the loopback interface. */
export async function listen(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A connection that sends what it is told, byte for byte, and keeps what comes back. */
export interface RawClient {
  readonly socket: Socket;
  send(text: string): void;
  /** Resolves when the text received so far contains `text`. */
  receives(text: string): Promise<string>;
  /** Resolves with everything received, when the connection is over. */
  over(): Promise<string>;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1' });
  let received = '';
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
  };
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    wake();
  });
  // A reset is what some tests are about.
  socket.on('error', () => {});
  socket.on('close', wake);
  await once(socket, 'connect');
  const until = (done: () => boolean) =>
    new Promise<string>((resolve, reject) => {
      const check = () => {
        if (done()) resolve(received);
        else if (socket.closed) reject(new Error(`The connection closed after ${JSON.stringify(received)}`));
        else return;
        waiting.delete(check);
      };
      waiting.add(check);
      check();
    });
  return {
    socket,
    send: (text) => socket.write(text, 'latin1'),
    receives: (text) => until(() => received.includes(text)),
    over: () => until(() => socket.closed),
  };
}

/** The text of a request without a body. */
export function request(line: string, headers: Readonly<Record<string, string>> = {}): string {
  const fields = Object.entries({ Host: 'shop.example', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${line}\r\n${fields.join('')}\r\n`;
}
