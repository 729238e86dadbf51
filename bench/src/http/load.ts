// The load: keep-alive connections, each with one request under way, on bare sockets. Imports node built-ins only.
import { connect, type Socket } from 'node:net';

/** Requests a server is sent, over and over: ids differ, headers are those of a browser's `fetch`. */
const REQUESTS: readonly Buffer[] = Array.from({ length: 1_000 }, (_, i) =>
  Buffer.from(
    [
      `GET /users/u${i} HTTP/1.1`,
      'Host: shop.example',
      'Connection: keep-alive',
      'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      'Accept: application/json, text/plain, */*',
      'Accept-Language: en-US,en;q=0.5',
      'Accept-Encoding: gzip, deflate, br',
      '',
      '',
    ].join('\r\n'),
  ),
);

export interface LoadPlan {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  /** Answered in full, every one with status 200. */
  readonly requests: number;
  readonly elapsedMs: number;
  /** 99 of 100 requests were answered within this. */
  readonly p99Ms: number;
}

/**
 * Sends requests for `seconds`; those under way then are waited for.
 * @throws Error where an answer is anything but 200, or a connection ends
 */
export async function load({ port, connections, seconds }: LoadPlan): Promise<LoadResult> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const latencies: number[] = [];
  const from = performance.now();
  const until = from + seconds * 1_000;
  await Promise.all(sockets.map((socket, index) => drive(socket, index, until, latencies)));
  const elapsedMs = performance.now() - from;
  latencies.sort((a, b) => a - b);
  const p99Ms = latencies[Math.floor(latencies.length * 0.99)] ?? 0;
  return { requests: latencies.length, elapsedMs, p99Ms };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

function drive(socket: Socket, index: number, until: number, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = index;
    let sentAt = 0;
    let pending = '';
    const send = () => {
      sentAt = performance.now();
      socket.write(REQUESTS[next++ % REQUESTS.length]!);
    };
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The server closed a connection.')));
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      const length = answerLength(pending);
      if (length === undefined || pending.length < length) return;
      if (pending.length > length || !pending.startsWith('HTTP/1.1 200 ')) {
        reject(new Error(`Not the answer expected: ${pending.slice(0, 200)}`));
        return;
      }
      pending = '';
      const now = performance.now();
      latencies.push(now - sentAt);
      if (now < until) return send();
      socket.removeAllListeners('close').destroy();
      resolve();
    });
    send();
  });
}

const CONTENT_LENGTH = /\r\ncontent-length: (\d+)/i;

/** Characters (latin1: bytes) of a whole answer; undefined until its headers are there. */
function answerLength(text: string): number | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const match = CONTENT_LENGTH.exec(text);
  if (match === null) throw new Error('The answer has no Content-Length.');
  return end + 4 + Number(match[1]);
}
