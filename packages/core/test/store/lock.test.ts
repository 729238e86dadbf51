import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kernelLock, socketLock } from '../../src/store/file/lock.ts';
import { openFileStore } from '../../src/store/file/open.ts';

const OWNER = fileURLToPath(new URL('../fixtures/owner.mjs', import.meta.url));

let root: string;
let directory: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-lock-'));
  directory = join(root, 'log');
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  await rm(root, { recursive: true, force: true });
});

/** Another process that owns the log; resolves with it and the pid it sees itself as. */
async function owner(
  kind: string,
  command: readonly string[] = [],
): Promise<{ child: ChildProcess; pid: string }> {
  const [program, ...args] = [...command, process.execPath, OWNER, directory, kind];
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, pid: line.toString().trim() };
}

const canUnshare = (() => {
  try {
    execFileSync('unshare', ['--pid', '--fork', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.each([
  ['the kernel’s lock', 'kernel', kernelLock()],
  ['the socket’s lock', 'socket', socketLock],
] as const)('%s', (_, kind, tryLock) => {
  const present = tryLock !== undefined;
  const open = (lockTimeout: number) =>
    openFileStore({
      directory,
      origin: 'test.example/lock',
      lockTimeout,
      onKeyCreated: () => {},
      ...(present ? { tryLock } : {}),
    });

  test.skipIf(!present)('a second process waits lockTimeout, then is told who owns the log', async () => {
    const { pid } = await owner(kind);
    const began = performance.now();
    await expect(open(400)).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(`process ${pid} on `),
    });
    expect(performance.now() - began).toBeGreaterThanOrEqual(400);
  });

  test.skipIf(!present)('a second process that waits gets the log once the first lets go', async () => {
    const { child } = await owner(kind);
    const opening = open(20_000);
    child.stdin!.end();
    const store = await opening;
    await store.close();
  });

  test.skipIf(!present)('a lock left by a killed process does not block', async () => {
    const { child } = await owner(kind);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = await open(0);
    await store.close();
  });

  test.skipIf(!present || !canUnshare)(
    'it holds across pid namespaces, where every pid is 1, and dies with its process there too',
    async () => {
      const { child, pid } = await owner(kind, ['unshare', '--pid', '--fork', '--kill-child']);
      expect(pid).toBe('1');
      await expect(open(0)).rejects.toMatchObject({
        code: 'LOCKED',
        message: expect.stringContaining('process 1 on '),
      });
      child.kill('SIGKILL');
      await once(child, 'exit');
      const store = await open(5_000);
      await store.close();
    },
  );

  test.skipIf(!present)('within one process a second open is refused like any other', async () => {
    const store = await open(0);
    await expect(open(0)).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(`process ${process.pid} `),
    });
    await store.close();
  });
});

test('an owner too busy to answer is not taken for a dead one', async () => {
  await mkdir(directory);
  const path = join(directory, 'lock.sock');
  const script =
    'require("node:net").createServer().listen({ path: process.argv[1], backlog: 1 }, () => console.log("up"))';
  const child = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout!, 'data');
  child.kill('SIGSTOP');
  // Nobody takes these: the queue of the socket is full, and the kernel says EAGAIN.
  const waiting: Socket[] = [];
  for (let n = 0; n < 4; n++) waiting.push(connect(path).on('error', () => {}));
  await once(waiting[0]!, 'connect');
  expect(await socketLock(join(directory, 'commit'))).toBeNull();
  expect(await readdir(directory)).toEqual(['lock.sock']);
  for (const socket of waiting) socket.destroy();
});
