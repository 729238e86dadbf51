// The HTTP server: listens before anything is written, and ends every request before the log is closed.
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Refusal } from './refusal.ts';

export interface ShopServer {
  readonly url: string;
  /** Lets an application answer. */
  serve(app: RequestListener): void;
  /** Ends every request under way; resolves when each has ended, and has handed its entry to the log. */
  close(): Promise<void>;
}

/** Listens on loopback. @throws Refusal where it cannot */
export async function listen(port: number): Promise<ShopServer> {
  const server = createServer();
  const underWay = new Set<ServerResponse>();
  server.on('request', (_req, res: ServerResponse) => {
    underWay.add(res);
    res.once('close', () => underWay.delete(res));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Refusal(whyNot(port, error))));
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (app) => server.on('request', app),
    async close() {
      // The server calls itself closed a moment before its last response does, so that is what is waited for.
      const ended = [...underWay].map((res) => once(res, 'close'));
      server.close();
      server.closeAllConnections();
      await Promise.all(ended);
    },
  };
}

function whyNot(port: number, error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} is in use: choose another with npm start -- --port PORT.`;
  return `The shop cannot listen on port ${port}: ${error.message}.`;
}
