// An engine that only talks: the Engine API over a real socket, with containers that live as the test says, faster
// than a real engine could make them. Like a real one it keeps its last 256 messages.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { onTestFinished } from 'vitest';

const KEPT = 256;

export interface ScriptedEngine {
  /** Creates, starts, ends and removes a container. Returns its id. */
  live(): string;
  /** A container that stays: created and started, with messages, or silently. Returns its id. */
  stay(options?: Silently & WithFacts): string;
  /** A container that is not started yet. Returns its id. */
  create(options?: WithFacts): string;
  /** Starts one that was created, or has ended. */
  start(id: string): void;
  /** Another name, of which no message tells. */
  renameSilently(id: string, name: string): void;
  /** Ends and removes one that stays. */
  leave(id: string, options?: Silently & { readonly endLast?: boolean }): void;
  /** From now on it fails to inspect this container, as an engine does whose files are broken. */
  spoil(id: string): void;
  /** It can inspect all of them again. */
  mend(): void;
  /** From now on messages are kept, and not sent: as to a listener that was too slow. Or sent again. */
  mute(muted: boolean): void;
  /** Sends what is no message. */
  babble(text: string): void;
  /** Sets its clock, in milliseconds from now. */
  shift(ms: number): void;
  /** Ends its streams, and forgets its messages: as when it is started anew. */
  restart(): void;
  /** The same as another engine, without containers: as when its data is thrown away. */
  reinstall(): void;
  /** Asked before each request is answered: what it gives back is the status the engine refuses with. */
  intercept(interception: Interception): void;
  close(): Promise<void>;
}

interface Silently {
  readonly silently?: boolean;
}

interface WithFacts {
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: readonly string[];
}

/** Undefined where it answers as ever; a promise holds it up. */
export type Interception = (url: URL) => number | undefined | Promise<number | undefined>;

/** An engine for the test that runs, and what goes with it; taken away when the test is over. */
export async function scripted() {
  const folder = await mkdtemp(join(tmpdir(), 'audit-docker-'));
  const socketPath = join(folder, 'docker.sock');
  const engine = await startScriptedEngine(socketPath);
  onTestFinished(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { engine, docker: new Docker({ socketPath }), folder };
}

/** @param socketPath where it listens */
export async function startScriptedEngine(socketPath: string): Promise<ScriptedEngine> {
  const streams = new Set<ServerResponse>();
  const kept: { readonly time: bigint; readonly line: string }[] = [];
  const present = new Map<string, Present>();
  let lives = 0;
  let clock = BigInt(Date.now()) * 1_000_000n;

  let muted = false;
  let root = socketPath;
  let intercepted: Interception = () => undefined;
  const spoilt = new Set<string>();

  const send = (message: Readonly<Record<string, unknown>>) => {
    clock += 1_000n;
    const text = JSON.stringify({ ...message, scope: 'local', time: Number(clock / 1_000_000_000n) });
    // Written by hand: a number cannot hold it.
    const line = `${text.slice(0, -1)},"timeNano":${clock}}\n`;
    kept.push({ time: clock, line });
    if (kept.length > KEPT) kept.shift();
    if (!muted) for (const stream of streams) stream.write(line);
  };
  const tell = (id: string, Action: string, more: Readonly<Record<string, string>> = {}) => {
    const { name = '', labels } = present.get(id) ?? {};
    const Attributes = { ...labels, image: 'scripted:1', name, ...more };
    send({ Type: 'container', Action, Actor: { ID: id, Attributes } });
  };
  const make = ({ labels = {}, env = ['PATH=/bin'] }: WithFacts = {}) => {
    const name = `scripted-${lives++}`;
    const id = createHash('sha256').update(`${socketPath}/${name}`).digest('hex');
    present.set(id, { name, created: timeOf(clock), running: false, started: null, labels, env });
    return id;
  };
  const start = (id: string) => {
    clock += 1_000n;
    Object.assign(present.get(id)!, { running: true, started: timeOf(clock) });
  };

  const restart = () => {
    kept.length = 0;
    for (const stream of streams) stream.end();
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://engine');
    const json = (value: unknown, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    const refused = await intercepted(url);
    const [, , id = '', last] = url.pathname.split('/');
    if (refused !== undefined) json({ message: 'refused' }, refused);
    else if (url.pathname === '/_ping') response.end('OK');
    else if (url.pathname === '/version') json({ Version: 'scripted', ApiVersion: '1.41' });
    else if (url.pathname === '/info') {
      json({ ID: 'scripted', Name: 'scripted', DockerRootDir: root, SystemTime: timeOf(clock) });
    } else if (url.pathname === '/events') {
      const since = nanoOf(url.searchParams.get('since'));
      const until = nanoOf(url.searchParams.get('until'));
      if (since !== null && until !== null && until < since) {
        // moby: api/server/router/system, getEvents.
        json({ message: '`since` time cannot be after `until` time' }, 400);
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      for (const { time, line } of kept) if (since !== null && time >= since) response.write(line);
      if (url.searchParams.has('until')) response.end();
      else {
        streams.add(response);
        response.on('close', () => streams.delete(response));
      }
    } else if (url.pathname === '/containers/json') {
      json([...present].filter(([, { gone }]) => !gone).map(([Id]) => ({ Id })));
    } else if (url.pathname.startsWith('/containers/') && last === 'json') {
      const found = present.get(id);
      if (spoilt.has(id)) json({ message: 'input/output error' }, 500);
      else if (found === undefined) json({ message: 'No such container' }, 404);
      else json(inspection(id, found));
    } else json({ message: 'page not found' }, 404);
  });
  server.listen(socketPath);
  await once(server, 'listening');

  return {
    live() {
      const id = make();
      tell(id, 'create');
      tell(id, 'start');
      tell(id, 'die', { exitCode: '0' });
      tell(id, 'destroy');
      present.get(id)!.gone = true;
      // A moment later, so that it can be inspected as a container of a real engine could.
      setTimeout(() => present.delete(id), 2_000).unref();
      return id;
    },
    stay({ silently = false, ...facts } = {}) {
      const id = make(facts);
      if (!silently) tell(id, 'create');
      start(id);
      if (!silently) tell(id, 'start');
      return id;
    },
    create(facts) {
      const id = make(facts);
      tell(id, 'create');
      return id;
    },
    start(id) {
      start(id);
      tell(id, 'start');
    },
    renameSilently(id, name) {
      present.get(id)!.name = name;
    },
    leave(id, { silently = false, endLast = false } = {}) {
      const end = () => tell(id, 'die', { exitCode: '0' });
      if (!silently) {
        if (!endLast) end();
        tell(id, 'destroy');
        if (endLast) end();
      }
      present.delete(id);
    },
    spoil(id) {
      spoilt.add(id);
    },
    mend() {
      spoilt.clear();
    },
    mute(be) {
      muted = be;
    },
    babble(text) {
      for (const stream of streams) stream.write(`${text}\n`);
    },
    shift(ms) {
      clock += BigInt(ms) * 1_000_000n;
    },
    restart,
    reinstall() {
      root += '/anew';
      present.clear();
      restart();
    },
    intercept(interception) {
      intercepted = interception;
    },
    async close() {
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Present {
  name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: readonly string[];
  readonly created: string;
  running: boolean;
  started: string | null;
  /** Not listed any more. */
  gone?: boolean;
}

const NEVER = '0001-01-01T00:00:00Z';

function inspection(id: string, { name, created, running, started, labels, env }: Present) {
  return {
    Id: id,
    Name: `/${name}`,
    Created: created,
    Image: `sha256:${id}`,
    Path: 'true',
    Args: [],
    State: { Running: running, ExitCode: 0, StartedAt: started ?? NEVER, FinishedAt: NEVER },
    HostConfig: { NetworkMode: 'default', RestartPolicy: { Name: 'no' } },
    Mounts: [],
    Config: { Image: 'scripted:1', Env: env, Labels: { 'com.example.team': 'load', ...labels } },
  };
}

function timeOf(nano: bigint): string {
  const seconds = new Date(Number(nano / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(nano % 1_000_000_000n).padStart(9, '0')}Z`;
}

function nanoOf(time: string | null): bigint | null {
  if (time === null) return null;
  const [seconds = '0', fraction = ''] = time.split('.');
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}
