// An engine that says what the test wants: the Docker API's few answers a watch asks for, on a real socket. It is for
// what a real engine does not do on demand; what containers really do is tested on a real one.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** Numbers of one container, as cgroup v2 has them. */
export interface Usage {
  readonly memory?: number;
  readonly pids?: number;
  /** Counters. */
  readonly periods?: number;
  readonly throttled?: number;
  readonly disk?: number;
  readonly network?: number;
}

export interface ScriptedContainer {
  readonly id: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: readonly string[];
  /** The command of its health check. */
  readonly healthcheck?: string;
  readonly running?: boolean;
  /** Default: long ago. */
  readonly startedAt?: string;
  /** Asked for the n-th sample, from 0. */
  readonly usage?: (sample: number) => Usage;
}

/** What a container may have. */
export const MEMORY_LIMIT = 100_000_000;
export const PIDS_LIMIT = 100;

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

export class ScriptedEngine {
  readonly #server;
  readonly #containers = new Map<string, ScriptedContainer>();
  readonly #samples = new Map<string, number>();
  readonly #messages: { readonly nano: bigint; readonly line: string }[] = [];
  readonly #streams = new Set<ServerResponse>();
  readonly #waiting = new Set<() => void>();
  readonly requests: string[] = [];
  /** Answers instead of the engine where it gives one. */
  intercept: (request: string) => Answer | undefined = () => undefined;

  private constructor(tls: ServerOptions | undefined) {
    const listener = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response);
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  }

  /** Listens on a socket, or on a port of loopback: any, where none is given. */
  static async listen(place: string | number = 0, tls?: ServerOptions): Promise<ScriptedEngine> {
    const engine = new ScriptedEngine(tls);
    const target = typeof place === 'number' ? { host: '127.0.0.1', port: place } : { path: place };
    await new Promise<void>((resolve) => engine.#server.listen(target, resolve));
    return engine;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection, as an engine that dies. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    return closed;
  }

  /** Breaks the event streams. */
  breakStreams(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  /** Puts a container there, without a message of it. */
  add(container: ScriptedContainer): void {
    this.#containers.set(container.id, container);
  }

  /** Says that something happened. */
  say(type: string, action: string, id: string, attributes: Readonly<Record<string, string>> = {}): void {
    const now = BigInt(Date.now()) * 1_000_000n;
    const last = this.#messages.at(-1)?.nano ?? 0n;
    const nano = now > last ? now : last + 1n;
    const body = JSON.stringify({
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: attributes },
      scope: 'local',
    });
    const line = `${body.slice(0, -1)},"time":${nano / 1_000_000_000n},"timeNano":${nano}}\n`;
    this.#messages.push({ nano, line });
    for (const stream of this.#streams) stream.write(line);
  }

  /** The same for a container that is there. */
  sayOf(id: string, action: string, attributes: Readonly<Record<string, string>> = {}): void {
    const { name, labels } = this.#containers.get(id)!;
    this.say('container', action, id, { ...labels, image: 'scripted', name, ...attributes });
  }

  /** How often it was asked so. */
  asked(pattern: RegExp): number {
    return this.requests.filter((request) => pattern.test(request)).length;
  }

  /** Resolves once it was asked so `times` times. */
  async wasAsked(pattern: RegExp, times = 1): Promise<void> {
    while (this.asked(pattern) < times) await this.#nextRequest();
  }

  #nextRequest(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://engine');
    const path = url.pathname.replace(/^\/v[\d.]+/, '');
    const asked = `${request.method} ${path}${url.search}`;
    this.requests.push(asked);
    const answer = this.intercept(asked) ?? this.#route(request.method ?? '', path);
    answer(request, response, url);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #route(method: string, path: string): Answer {
    const [, container, what] = /^\/containers\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    if (container !== undefined && method === 'GET') {
      const found = this.#containers.get(container);
      if (found === undefined) return json(404, { message: 'No such container' });
      return what === 'stats' ? json(200, this.#stats(found)) : json(200, inspection(found));
    }
    if (container !== undefined) return (_request, response) => response.writeHead(204).end();
    switch (path) {
      case '/_ping':
        return (_request, response) => response.end('OK');
      case '/version':
        return json(200, { Version: '28.0.0', ApiVersion: '1.48' });
      case '/info':
        return json(200, {
          ID: 'scripted',
          Name: 'scripted-host',
          DockerRootDir: '/scripted',
          SystemTime: new Date().toISOString(),
        });
      case '/events':
        return (_request, response, url) => this.#events(response, url.searchParams);
      case '/containers/json':
        return json(
          200,
          [...this.#containers.values()].map(({ id }) => ({ Id: id })),
        );
      case '/images/json':
      case '/networks':
        return json(200, []);
      case '/volumes':
        return json(200, { Volumes: [] });
    }
    return json(404, { message: 'page not found' });
  }

  #events(response: ServerResponse, query: URLSearchParams): void {
    const [since, until] = ['since', 'until'].map((name) => nanoOf(query.get(name)));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const { nano, line } of this.#messages) {
      if (since !== null && nano >= since! && (until === null || nano <= until!)) response.write(line);
    }
    if (until !== null) {
      response.end();
      return;
    }
    this.#streams.add(response);
    response.once('close', () => this.#streams.delete(response));
  }

  #stats({ id, usage }: ScriptedContainer): unknown {
    const sample = this.#samples.get(id) ?? 0;
    this.#samples.set(id, sample + 1);
    const { memory = 0, pids = 1, periods = 0, throttled = 0, disk = 0, network = 0 } = usage?.(sample) ?? {};
    return {
      read: new Date().toISOString(),
      memory_stats: { usage: memory, limit: MEMORY_LIMIT, stats: { inactive_file: 0 } },
      pids_stats: { current: pids, limit: PIDS_LIMIT },
      cpu_stats: { throttling_data: { periods, throttled_periods: throttled } },
      blkio_stats: { io_service_bytes_recursive: [{ op: 'read', value: disk }] },
      networks: { eth0: { rx_bytes: network, tx_bytes: 0 } },
    };
  }
}

function inspection(container: ScriptedContainer): unknown {
  const { id, name, labels = {}, env = [], healthcheck, running = true } = container;
  const { startedAt = '2026-01-01T00:00:00Z' } = container;
  return {
    Id: id,
    Name: `/${name}`,
    Created: startedAt,
    Image: 'sha256:scripted',
    Path: 'sleep',
    Args: ['forever'],
    State: {
      ...{ Running: running, Paused: false, OOMKilled: false, ExitCode: 0 },
      ...{ StartedAt: startedAt, FinishedAt: '0001-01-01T00:00:00Z' },
    },
    HostConfig: { Memory: MEMORY_LIMIT, PidsLimit: PIDS_LIMIT, RestartPolicy: { Name: 'no' } },
    Config: {
      ...{ Image: 'scripted', Env: env, Labels: labels },
      ...(healthcheck !== undefined && { Healthcheck: { Test: ['CMD', healthcheck] } }),
    },
    Mounts: [],
  };
}

function json(status: number, body: unknown): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

/** `seconds.nanoseconds`; null where nothing is asked. */
function nanoOf(text: string | null): bigint | null {
  if (text === null) return null;
  const [seconds, fraction = ''] = text.split('.');
  return BigInt(seconds!) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}
