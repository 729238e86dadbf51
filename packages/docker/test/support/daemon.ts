// A Docker engine of the tests' own: dockerd in a temporary folder, with an image made from busybox.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import Docker from 'dockerode';

const execute = promisify(execFile);

/** Name of the image every test engine has: busybox, nothing else. */
export const IMAGE = 'audit-test/busybox:1';

/** Debian puts it there; what is called docker in the path may be a client only. */
const DOCKERD = '/usr/sbin/dockerd';
const CONTAINERD = '/usr/bin/containerd';
const BUSYBOX = '/bin/busybox';

/** The engine itself has no better place for its sockets: paths of Unix sockets are at most 107 bytes. */
const PREFIX = join(tmpdir(), 'audit-engine-');

export interface Daemon {
  readonly socketPath: string;
  /** Process id of the engine that runs now. */
  pid(): number;
  /** Ends it as a service manager would, and waits. Containers stop with it. */
  stop(): Promise<void>;
  /** SIGKILL: the engine is gone at once. containerd and the containers go on without it, as on any host. */
  kill(): Promise<void>;
  /** Starts again on the same folders and socket. */
  start(): Promise<void>;
  /** Stops it, and removes whatever it has made. */
  dispose(): Promise<void>;
}

/** Why no engine can be started here; null where one can. */
export function whyNoDaemon(): string | null {
  if (process.getuid?.() !== 0) return 'dockerd needs root';
  if (!existsSync(DOCKERD)) return `${DOCKERD} is not installed (AUDIT_TEST_INSTALL=1 installs it as root)`;
  if (!existsSync(CONTAINERD))
    return `${CONTAINERD} is not installed (AUDIT_TEST_INSTALL=1 installs it as root)`;
  if (!existsSync(BUSYBOX)) return `${BUSYBOX} is not installed (AUDIT_TEST_INSTALL=1 installs it as root)`;
  return null;
}

/** Attempts to install: another package's tests may be at it. */
const MAX_ATTEMPTS = 6;

/** Debian's engine and busybox, where they are missing; others may hold apt's lock for a while. */
export async function installDaemon(): Promise<void> {
  if (process.getuid?.() !== 0 || whyNoDaemon() === null) return;
  // RUNLEVEL tells invoke-rc.d that this is no time for services: the one of the package is not wanted.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (...args: string[]) =>
    execute('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], { env, maxBuffer: 1 << 26 });
  for (let attempt = 1; whyNoDaemon() !== null; attempt++) {
    try {
      await apt('update');
      await apt('install', '-y', '--no-install-recommends', 'docker.io', 'busybox-static');
    } catch (error) {
      // The list of packages has a lock of its own, which apt does not wait for.
      if (attempt === MAX_ATTEMPTS) throw error;
      await sleep(10_000);
    }
    if (attempt === MAX_ATTEMPTS) return;
  }
}

/** Starts an engine with the test image. Rejects with the end of its log where it does not come up. */
export async function startDaemon(): Promise<Daemon> {
  const folder = await mkdtemp(PREFIX);
  const socketPath = join(folder, 'docker.sock');
  const containerd = join(folder, 'containerd.sock');
  const config = join(folder, 'containerd.toml');
  await writeFile(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
  let engine: ChildProcess | null = null;

  const run = async (command: string, args: readonly string[], isUp: () => Promise<boolean>) => {
    const log = join(folder, 'log');
    const out = openSync(log, 'a');
    // A group of its own: what ends the tests by Ctrl-C leaves it time to be taken away.
    const child = spawn(command, args, { stdio: ['ignore', out, out], detached: true });
    closeSync(out);
    while (!(await isUp())) {
      if (hasEnded(child)) throw new Error(`${command} ended: ${readFileSync(log, 'utf8').slice(-2_000)}`);
      await sleep(50);
    }
    return child;
  };
  const start = async () => {
    engine = await run(
      DOCKERD,
      [
        ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
        ...['--host', `unix://${socketPath}`, '--pidfile', join(folder, 'pid'), '--containerd', containerd],
        ...['--iptables=false', '--ip6tables=false', '--bridge=none', '--log-level=warn'],
        // Quick, since a test engine has nothing to lose.
        '--shutdown-timeout=1',
      ],
      () => answers(socketPath),
    );
  };

  // Apart from the engine, as on any host: it outlives an engine that is killed.
  const containers = await run(
    CONTAINERD,
    [
      ...['--config', config, '--address', containerd, '--log-level', 'warn'],
      ...['--root', join(folder, 'containerd'), '--state', join(folder, 'containerd-state')],
    ],
    async () => existsSync(containerd),
  );
  await start();
  await importBusybox(new Docker({ socketPath }), folder);
  return {
    socketPath,
    pid: () => engine!.pid!,
    start,
    stop: () => end(engine, 'SIGTERM'),
    kill: () => end(engine, 'SIGKILL'),
    async dispose() {
      if (await answers(socketPath)) await removeContainers(new Docker({ socketPath }));
      await end(engine, 'SIGTERM');
      await end(containers, 'SIGTERM');
      await endShims(folder);
      await unmountAll(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function end(child: ChildProcess | null, signal: NodeJS.Signals): Promise<void> {
  if (child === null || hasEnded(child)) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exited;
}

/** A new client of the engine at this address: a Unix socket, or `tcp://host:port`. */
export function clientOf(address: string): Docker {
  if (!address.startsWith('unix://') && !address.startsWith('/')) {
    const { hostname, port } = new URL(address.replace('tcp://', 'http://'));
    return new Docker({ protocol: 'http', host: hostname, port: Number(port) });
  }
  return new Docker({ socketPath: address.replace('unix://', '') });
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: '/_ping' }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('error', () => resolve(false));
    ping.end();
  });
}

/** An engine that stops would wait for containers that do not listen to SIGTERM. */
async function removeContainers(docker: Docker): Promise<void> {
  const containers = await docker.listContainers({ all: true });
  await Promise.all(
    containers.map(({ Id }) =>
      docker
        .getContainer(Id)
        .remove({ force: true })
        .catch(() => {}),
    ),
  );
}

/** The tree of the image is busybox, under every name it answers to. */
async function importBusybox(docker: Docker, folder: string): Promise<void> {
  const tree = join(folder, 'tree');
  for (const name of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev']) {
    await mkdir(join(tree, name), { recursive: true });
  }
  await execute('cp', [BUSYBOX, join(tree, 'bin/busybox')]);
  const { stdout: applets } = await execute(BUSYBOX, ['--list']);
  const links = applets.split('\n').filter((name) => name !== '' && name !== 'busybox');
  await Promise.all(links.map((name) => symlink('busybox', join(tree, 'bin', name))));
  const tar = join(folder, 'tree.tar');
  await execute('tar', ['-C', tree, '-cf', tar, '.']);
  const [repo, tag] = IMAGE.split(':');
  const stream = await docker.importImage(tar, { repo, tag, changes: 'ENV PATH=/bin' } as object);
  await new Promise<void>((resolve, reject) => {
    stream.on('error', reject).on('end', resolve).resume();
  });
  await rm(tree, { recursive: true });
  await rm(tar);
}

/** Shims of containers that an engine left behind, and with them the containers. */
async function endShims(folder: string): Promise<void> {
  const { stdout } = await execute('ps', ['-eo', 'pid=,args=']);
  for (const line of stdout.split('\n')) {
    if (!line.includes('containerd-shim') || !line.includes(folder)) continue;
    const pid = Number(line.trim().split(' ', 1)[0]);
    await killChildren(pid);
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}

async function killChildren(pid: number): Promise<void> {
  const { stdout } = await execute('ps', ['-o', 'pid=', '--ppid', String(pid)]).catch(() => ({ stdout: '' }));
  for (const child of stdout.split('\n').map(Number).filter(Boolean)) {
    try {
      process.kill(child, 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}

/** What is mounted below, deepest first: a folder with a mount in it cannot be removed. */
async function unmountAll(folder: string): Promise<void> {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
  for (const path of mounts) await execute('umount', ['-l', path]).catch(() => {});
}
