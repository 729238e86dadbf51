// The small HTTP server of health and metrics. There is no login.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PolicyError } from '../problem.ts';
import type { MonitoringPolicy } from '../sections/monitoring.ts';
import { type Answers, monitoringHandler } from './handler.ts';

export interface MonitoringServer {
  /** As it is bound. */
  readonly address: string;
  readonly port: number;
  readonly url: string;
  /** Until it is called, the server says that the service is starting. */
  serve(answers: Answers): void;
  stop(): Promise<void>;
}

/**
 * Listens. A service does that before anything else: where the port is taken, nothing is written.
 *
 * @throws PolicyError `MONITORING_UNAVAILABLE`, with what to do
 */
export async function listenForMonitoring({
  address,
  port,
}: Pick<MonitoringPolicy, 'address' | 'port'>): Promise<MonitoringServer> {
  let answers: Answers | null = null;
  const handler = monitoringHandler(() => answers);
  const server = createServer({ requestTimeout: 10_000, maxHeaderSize: 8_192 }, (request, response) =>
    handler(request, response),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(unavailable(error, address, port)));
    server.listen(port, address, resolve);
  });
  const bound = server.address() as AddressInfo;
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    address: bound.address,
    port: bound.port,
    url: `http://${host}:${bound.port}`,
    serve(given) {
      answers = given;
    },
    stop() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function unavailable(error: NodeJS.ErrnoException, address: string, port: number): PolicyError {
  const place = `${address}, port ${port}`;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Something else listens on ${place}: give another monitoring.port`,
    EACCES: `There is no permission to listen on ${place}: give a monitoring.port above 1023`,
    EADDRNOTAVAIL: `${address} is no address of this machine: give another monitoring.address`,
    ENOTFOUND: `${address} is no address: give another monitoring.address`,
  };
  const reason =
    reasons[error.code ?? ''] ?? `Health and metrics cannot listen on ${place}: ${error.message}`;
  return new PolicyError('MONITORING_UNAVAILABLE', `${reason}.`, [], { cause: error });
}
