// A TCP proxy between a client and an engine's socket: cuts, stalls, or hands on the engine's words byte by byte.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import Docker from 'dockerode';

export interface EngineProxy {
  readonly port: number;
  /** A client that reaches the engine through the proxy. */
  client(): Docker;
  /** Ends every connection, and refuses new ones until `mend()`. */
  cut(): Promise<void>;
  /** Ends every connection; new ones are let through. */
  drop(): void;
  /** Nothing passes over the connections there are, and none of them ends; new ones are let through. */
  stall(): void;
  /** Lets everything through again. */
  mend(): Promise<void>;
  /** Hands on what the engine says in pieces of so many bytes. */
  split(bytes: number): void;
  close(): Promise<void>;
}

/** @param socketPath of the engine */
export async function startProxy(socketPath: string): Promise<EngineProxy> {
  const sockets = new Set<Socket>();
  const stalled = new Set<Socket>();
  let piece = 0;
  let port = 0;
  const held: (() => void)[] = [];
  const passing = (socket: Socket) =>
    stalled.has(socket) ? new Promise<void>((resolve) => held.push(resolve)) : Promise.resolve();
  const release = () => {
    stalled.clear();
    for (const resume of held.splice(0)) resume();
  };

  const handOn = async (from: Socket, to: Socket, split: boolean) => {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        await passing(from);
        const size = split && piece > 0 ? piece : chunk.length;
        for (let at = 0; at < chunk.length; at += size) {
          to.write(chunk.subarray(at, at + size));
          // Each piece is a segment of its own.
          if (size < chunk.length) await turn();
        }
      }
      await passing(from);
      to.end();
    } catch {
      to.destroy();
    }
  };

  const accept = (client: Socket) => {
    const engine = connect(socketPath);
    client.setNoDelay(true);
    for (const socket of [client, engine]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    void handOn(client, engine, false);
    void handOn(engine, client, true);
  };

  let server: Server = await listen(0, accept);
  port = (server.address() as AddressInfo).port;

  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    client: () => new Docker({ protocol: 'http', host: '127.0.0.1', port }),
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve));
      drop();
      await closed;
    },
    drop,
    stall() {
      for (const socket of sockets) stalled.add(socket);
    },
    async mend() {
      release();
      if (!server.listening) server = await listen(port, accept);
    },
    split(bytes) {
      piece = bytes;
    },
    async close() {
      release();
      drop();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer(accept);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
