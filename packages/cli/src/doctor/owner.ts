// Who writes the log now, by what its lock file says. The lock itself is the kernel's; asking for it could disturb.
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LOCK_FILE } from '@audit/core/internal';
import { type Check, ok, type Patient } from './check.ts';

export async function checkOwner({ directory }: Patient): Promise<Check[]> {
  const name = 'writer';
  const owner = await readOwner(join(directory, LOCK_FILE));
  if (owner === null) return [ok(name, 'No process says that it writes this log.')];
  const who = `pid ${owner.pid} on ${owner.host}, since ${owner.start}`;
  if (owner.host !== hostname())
    return [ok(name, `Last opened by ${who}; whether it still runs cannot be told here.`)];
  return [
    isAlive(owner.pid)
      ? ok(name, `Being written by ${who}.`)
      : ok(name, `Last opened by ${who}, which is gone: the next process takes over by itself.`),
  ];
}

async function readOwner(path: string) {
  try {
    const { host, pid, start } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    return { host: String(host), pid: Number(pid), start: String(start) };
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
