// An engine that takes requests and never answers: a socket that somebody listens on, and no more.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { onTestFinished } from 'vitest';
import { clientOf } from '../support/engine.ts';

export async function silentEngine(): Promise<Docker> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-silent-'));
  const path = join(folder, 'docker.sock');
  const server = createServer(() => {});
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  return clientOf(`unix://${path}`);
}
