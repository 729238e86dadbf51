// The answers to /healthz, /readyz and /metrics, for any server on node:http. They read and never change anything.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readiness } from './check.ts';
import { EXPOSITION_TYPE, exposition } from './exposition.ts';
import type { Metric } from './metric.ts';

/** What is answered from. */
export interface Answers {
  readiness(): Readiness;
  metrics(): Promise<readonly Metric[]>;
}

/**
 * A listener of node:http, and a middleware of Express and its like: what is none of the three paths goes to `next`, or is
 * answered 404 where there is none.
 */
export type MonitoringHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: () => void,
) => void;

/** @param answers null as long as there is nothing to answer from: the service is starting */
export function monitoringHandler(answers: () => Answers | null): MonitoringHandler {
  return (request, response, next) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const sendAnswer = SENDERS.get(path);
    if (sendAnswer === undefined) {
      if (next === undefined) sendText(response, 404, 'There are /healthz, /readyz and /metrics.\n');
      else next();
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      sendText(response, 405, 'Only GET and HEAD.\n');
    } else sendAnswer(response, answers());
  };
}

const SENDERS: ReadonlyMap<string, (response: ServerResponse, answers: Answers | null) => void> = new Map([
  // Alive as long as it answers: what a restart would not mend does not belong here.
  ['/healthz', (response) => sendJson(response, 200, { status: 'ok' })],
  ['/readyz', sendReadiness],
  ['/metrics', sendMetrics],
]);

function sendReadiness(response: ServerResponse, answers: Answers | null): void {
  if (answers === null) {
    sendJson(response, 503, { status: 'starting', checks: [] });
    return;
  }
  const { ready, status, checks } = answers.readiness();
  sendJson(response, ready ? 200 : 503, { status, checks });
}

function sendMetrics(response: ServerResponse, answers: Answers | null): void {
  if (answers === null) {
    sendText(response, 503, 'starting\n');
    return;
  }
  answers.metrics().then(
    (metrics) => send(response, 200, exposition(metrics), EXPOSITION_TYPE),
    (error: Error) => sendText(response, 500, `${error.message}\n`),
  );
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, `${JSON.stringify(body, null, 2)}\n`, 'application/json; charset=utf-8');
}

function sendText(response: ServerResponse, status: number, body: string): void {
  send(response, status, body, 'text/plain; charset=utf-8');
}

function send(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
