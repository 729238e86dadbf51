// One writer: a lock that dies with its process. The kernel's where its binding is there, else a Unix socket.

import { randomBytes } from 'node:crypto';
import { link, open, rename, unlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { AuditError } from '../../errors.ts';

/** Lets go. Idempotent. */
export type Release = () => Promise<void>;

/** Takes the lock on an existing file, or answers null where another process holds it. Never waits. */
export type TryLock = (path: string) => Promise<Release | null>;

interface NativeLock {
  tryLock(fd: number, offset: number, length: number): boolean;
}

/** Past the end of any file that is locked: Windows keeps others from reading, not only from locking, what is locked. */
const LOCKED_BYTE = 2 ** 31;

/**
 * The kernel's lock (open file description): it needs no clean-up, because the kernel drops it with the last
 * descriptor of a process that died, and it holds across pid namespaces, where every pid is 1. Undefined where no
 * prebuilt binding fits this machine.
 */
export function kernelLock(): TryLock | undefined {
  let native: NativeLock;
  try {
    native = createRequire(import.meta.url)('fs-native-extensions') as NativeLock;
  } catch {
    return undefined; // an optional dependency: not installed, or no prebuild for this platform
  }
  return async (path) => {
    const handle = await open(path, 'r+');
    let held = false;
    try {
      held = native.tryLock(handle.fd, LOCKED_BYTE, 1);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error; // what Windows says of a lock another holds
    } finally {
      if (!held) await handle.close();
    }
    if (!held) return null;
    let released: Promise<void> | undefined;
    return () => (released ??= handle.close());
  };
}

/**
 * The fallback: who listens on `<folder>/lock.sock` holds the lock; a refused connection means its owner is dead, and
 * the socket is taken over by an exclusive rename. Two takers of the same dead socket are told apart by looking again at
 * what was renamed; should both still believe they won, the fence stops the slower one before it signs.
 */
export const socketLock: TryLock = async (path) => {
  const name = socketPath(join(dirname(path), 'lock.sock'));
  const mine = socketPath(join(dirname(path), `lock.${randomBytes(6).toString('hex')}.sock`));
  const server = await listen(mine);
  const give = async () => {
    await new Promise((resolve) => server.close(resolve));
    await unlink(mine).catch(() => {});
    return null;
  };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await link(mine, name); // exclusive: EEXIST where somebody's socket is there
      await unlink(mine);
      let released: Promise<void> | undefined;
      return () =>
        (released ??= (async () => {
          await unlink(name).catch(() => {});
          await new Promise((resolve) => server.close(resolve));
        })());
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        await give();
        throw error;
      }
    }
    if (await answers(name)) return give();
    const dead = `${mine}.dead`;
    try {
      await rename(name, dead);
    } catch {
      continue; // another process moved it away first
    }
    if (await answers(dead)) {
      // It was not the dead one any more: put the living owner back.
      await link(dead, name).catch(() => {});
      await unlink(dead);
      return give();
    }
    await unlink(dead);
  }
  return give();
};

/** The kernel's lock where it can be had, else the socket's, which Windows has not. */
export function defaultLock(): TryLock {
  const kernel = kernelLock();
  if (kernel === undefined && process.platform === 'win32') {
    throw new AuditError(
      'OPTIONS_INVALID',
      'directory: on Windows nothing can lock it without the optional dependency fs-native-extensions; install that',
    );
  }
  return kernel ?? socketLock;
}

const RETRY_MILLISECONDS = 50;

/**
 * Waits up to `timeout` milliseconds for the lock on `path`.
 * @throws AuditError `LOCKED`, naming the owner by `describeOwner()`
 */
export async function waitForLock(
  tryLock: TryLock,
  path: string,
  timeout: number,
  describeOwner: () => Promise<string>,
): Promise<Release> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const release = await tryLock(path);
    if (release !== null) return release;
    if (performance.now() >= deadline) {
      throw new AuditError(
        'LOCKED',
        `${dirname(path)} is being written by ${await describeOwner()}: stop that process, give this one a directory of its own, or raise lockTimeout (${timeout} ms)`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
  }
}

/** A Unix socket's path holds 107 bytes; said before the kernel says EINVAL. */
function socketPath(path: string): string {
  if (Buffer.byteLength(path) <= 100) return path;
  throw new AuditError(
    'OPTIONS_INVALID',
    `directory: ${path} is too long for a lock socket (100 bytes); use a shorter path, or install the optional dependency fs-native-extensions`,
  );
}

function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

/** False where nobody listens. An owner that is too busy to answer, or not ours to ask, is no dead one. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });
}
