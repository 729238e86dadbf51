// The small HTTP server of health and metrics. It reads and never changes anything; there is no login.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EXPOSITION_TYPE } from './exposition.ts';
import type { Readiness } from './health.ts';
import { EXIT_FAILED, Refusal } from './refusal.ts';

/** What is served once the service is up; until then it says that it is starting. */
export interface Answers {
  readiness(): Readiness;
  metrics(): Promise<string>;
}

export interface Monitoring {
  readonly url: string;
  serve(answers: Answers): void;
  close(): Promise<void>;
}

/** Listens before anything is written. @throws Refusal where it cannot */
export async function listen({
  address,
  port,
}: {
  readonly address: string;
  readonly port: number;
}): Promise<Monitoring> {
  let answers: Answers | null = null;
  const server = createServer({ requestTimeout: 10_000, maxHeaderSize: 8_192 }, (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const reading = request.method === 'GET' || request.method === 'HEAD';
    if (!reading) {
      response.setHeader('allow', 'GET, HEAD');
      send(response, 405, 'Only GET and HEAD.\n');
    } else if (path === '/healthz') send(response, 200, 'ok\n');
    else if (path === '/readyz') sendReadiness(response, answers);
    else if (path === '/metrics') sendMetrics(response, answers);
    else send(response, 404, 'There are /healthz, /readyz and /metrics.\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(refusalOf(error, address, port)));
    server.listen(port, address, resolve);
  });
  const bound = server.address() as AddressInfo;
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    url: `http://${host}:${bound.port}`,
    serve(given) {
      answers = given;
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function sendReadiness(response: ServerResponse, answers: Answers | null): void {
  const { ready, lines } = answers?.readiness() ?? { ready: false, lines: ['starting'] };
  send(response, ready ? 200 : 503, `${lines.join('\n')}\n`);
}

function sendMetrics(response: ServerResponse, answers: Answers | null): void {
  if (answers === null) {
    send(response, 503, 'starting\n');
    return;
  }
  answers.metrics().then(
    (text) => send(response, 200, text, EXPOSITION_TYPE),
    (error: Error) => send(response, 500, `${error.message}\n`),
  );
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

function refusalOf(error: NodeJS.ErrnoException, address: string, port: number): Refusal {
  const place = `${address}, port ${port}`;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Something else listens on ${place}: give another monitoring.port`,
    EACCES: `There is no permission to listen on ${place}: give a monitoring.port above 1023`,
    EADDRNOTAVAIL: `${address} is no address of this machine: give another monitoring.address`,
    ENOTFOUND: `${address} is no address: give another monitoring.address`,
  };
  const reason =
    reasons[error.code ?? ''] ?? `Health and metrics cannot listen on ${place}: ${error.message}`;
  return new Refusal(reason, EXIT_FAILED, { cause: error });
}
