// One POST over HTTP or HTTPS, by connections that are kept. Follows no redirect: what an alert says is for one receiver.
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { DeliveryError } from './channel.ts';

/** Connections that nobody uses are closed after so many milliseconds. */
const IDLE_CONNECTION = 30_000;
/** More of an answer is not read, in bytes. */
const MAX_ANSWER = 65_536;

export interface Poster {
  /**
   * @throws DeliveryError unless the answer is 2xx
   */
  post(body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>;
  close(): void;
}

export function createPoster(url: string, ca: string | undefined): Poster {
  const target = new URL(url);
  const secure = target.protocol === 'https:';
  const options = { keepAlive: true, timeout: IDLE_CONNECTION };
  const agent = secure
    ? new HttpsAgent({ ...options, ...(ca !== undefined && { ca }) })
    : new HttpAgent(options);
  const send = secure ? requestHttps : requestHttp;

  const attempt = (body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const request = send(target, {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
        signal,
      });
      request.on('response', (response) => {
        drain(response);
        response.on('close', () => {
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) resolve();
          else reject(new DeliveryError(`HTTP ${statusCode}`, retryAfterOf(response)));
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (signal.aborted) reject(new DeliveryError('no answer in time'));
        else reject(new Broken(error.code ?? error.name, request.reusedSocket));
      });
      request.end(body);
    });

  return {
    async post(body, headers, signal) {
      try {
        await attempt(body, headers, signal);
      } catch (error) {
        // The receiver closed a connection that was kept just as it was used: that says nothing about the receiver.
        if (!(error instanceof Broken) || !error.kept) throw error;
        await attempt(body, headers, signal);
      }
    },
    close: () => agent.destroy(),
  };
}

/** The connection did not come about, or broke. */
class Broken extends DeliveryError {
  readonly kept: boolean;

  constructor(code: string, kept: boolean) {
    super(code);
    this.kept = kept;
  }
}

/** So that the connection can be used again; one whose answer has no end cannot. */
function drain(response: IncomingMessage): void {
  let read = 0;
  response.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > MAX_ANSWER) response.destroy();
  });
  response.on('error', () => {});
}

/** RFC 9110 §10.2.3: seconds, or a date. In milliseconds. */
function retryAfterOf({ headers, statusCode }: IncomingMessage): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined || (statusCode !== 429 && statusCode !== 503)) return undefined;
  const wait = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) && wait > 0 ? wait : undefined;
}
