// An HTTP server: listens before anything is written, and ends every request before the log is closed.
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Refusal } from './refusal.ts';

/** How long a request under way may still take when the server closes. */
const ENDS_WITHIN_MS = 1_000;

export interface HttpServer {
  readonly url: string;
  /** Lets an application answer. */
  serve(app: RequestListener): void;
  /**
   * Lets requests under way end, breaks off those that do not; resolves when each has ended, and has handed its
   * entry to the log.
   */
  close(): Promise<void>;
}

/** Listens on loopback. `option` chose the port. @throws Refusal where it cannot */
export async function listen(port: number, option: string): Promise<HttpServer> {
  const server = createServer();
  const underWay = new Set<ServerResponse>();
  server.on('request', (_req, res: ServerResponse) => {
    underWay.add(res);
    res.once('close', () => underWay.delete(res));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Refusal(whyNot(port, option, error))));
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (app) => server.on('request', app),
    async close() {
      // The server calls itself closed a moment before its last response does, so that is what is waited for.
      const ended = () => Promise.all([...underWay].map((res) => once(res, 'close')));
      server.close();
      const grace = setTimeout(() => server.closeAllConnections(), ENDS_WITHIN_MS);
      await ended();
      clearTimeout(grace);
      server.closeAllConnections();
      await ended();
    },
  };
}

function whyNot(port: number, option: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} is in use: choose another with npm start -- ${option} PORT.`;
  return `Nothing can listen on port ${port}, chosen with ${option}: ${error.message}.`;
}
