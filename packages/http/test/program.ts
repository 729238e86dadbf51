// Runs a README's program as its reader would: from the built package, in an empty directory, on a port of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Entry, openAuditLog } from '@audit/core';
import { openLogReader } from '@audit/core/internal';

/** The JavaScript blocks of the README in `folder`, in order. */
export async function readmePrograms(folder: string): Promise<readonly string[]> {
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```js\n(.*?)^```/gms)].map((match) => match[1] ?? '');
}

export interface Program {
  /** The built package whose README it is from. */
  readonly folder: string;
  /** A server on `PORT` that records in `audit-log`. */
  readonly text: string;
  /** Sends it requests. */
  readonly use: (url: string) => Promise<void>;
  /** The operation of the entry that comes last. */
  readonly last: string;
}

/**
 * Runs `text` while `use` sends it requests, kills it once the last entry is committed, and resolves with what it
 * recorded. The log must verify: what is committed survives the kill.
 */
export async function runProgram({ folder, text, use, last }: Program): Promise<readonly Entry[]> {
  const cwd = await mkdtemp(join(tmpdir(), 'audit-readme-'));
  const file = join(folder, 'dist', `readme-${process.pid}.mjs`); // inside the package, so that its name resolves
  await writeFile(file, text);
  const port = await freePort();
  const env = { ...process.env, PORT: String(port) };
  const child = spawn(process.execPath, [file], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    const url = `http://127.0.0.1:${port}`;
    await answering(child, url);
    await use(url);
    await committed(join(cwd, 'audit-log'), last);
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await rm(file);
  }
  const log = await openAuditLog({ directory: join(cwd, 'audit-log') });
  const entries: Entry[] = [];
  for await (const entry of log.entries()) if (!entry.type.startsWith('log.')) entries.push(entry);
  const { verdict } = await log.verify();
  await log.close();
  await rm(cwd, { recursive: true });
  if (verdict !== 'intact') throw new Error(`The log of the program is ${verdict}`);
  return entries;
}

/** Reads the log from outside, as an auditor would, until the entry is there. */
async function committed(directory: string, operation: string): Promise<void> {
  const reader = await openLogReader(directory);
  for (;;) {
    for await (const { text } of reader.entries(0)) if (JSON.parse(text).operation === operation) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Resolves once the program answers, whatever it answers; rejects where it ends instead. */
async function answering(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The program ended with ${child.exitCode}`);
    const answered = await fetch(url).then(
      (response) => response.text(),
      () => undefined,
    );
    if (answered !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
