// What tests of this package use of a real engine. Names of what they make begin with a prefix of their own.
import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { describe, inject } from 'vitest';
import { clientOf, type Daemon, IMAGE, startDaemon } from './daemon.ts';

export { clientOf, type Daemon, IMAGE } from './daemon.ts';

/** Address of the engine of this run, e.g. `unix:///tmp/…/docker.sock`; null where there is none. */
export const engineAddress: string | null = inject('engine');

/** `describe` for tests that need the engine. Without one they are skipped, and skipped-aloud.ts says how many and why. */
export const describeEngine: typeof describe | typeof describe.skip =
  engineAddress === null ? describe.skip : describe;

/** The same for tests that start an engine of their own: with an address from outside there may be no right to. */
export const describeOwnEngine: typeof describe | typeof describe.skip =
  engineAddress === null || process.env.AUDIT_TEST_DOCKER_HOST ? describe.skip : describe;

/** A new client of the engine of this run. */
export function engineClient(): Docker {
  if (engineAddress === null) throw new Error('There is no engine: use describeEngine');
  return clientOf(engineAddress);
}

/** A further engine, which its test may kill, and must `dispose()` of. */
export async function privateEngine(): Promise<Daemon & { readonly docker: Docker }> {
  const daemon = await startDaemon();
  return { ...daemon, docker: new Docker({ socketPath: daemon.socketPath }) };
}

/** A name nothing else has. */
export function uniqueName(what = 'audit'): string {
  return `${what}-${randomUUID().slice(0, 8)}`;
}

/** A container of the test image that runs `command`; removed by whoever makes it. */
export function createContainer(
  docker: Docker,
  command: readonly string[],
  options: Docker.ContainerCreateOptions = {},
): Promise<Docker.Container> {
  return docker.createContainer({ Image: IMAGE, Cmd: [...command], ...options });
}

/** The whole life of a container: made, started, ended by itself, and removed. Returns it when it is over. */
export async function live(
  docker: Docker,
  command: readonly string[] = ['true'],
  options: Docker.ContainerCreateOptions = {},
): Promise<Docker.Container> {
  const container = await createContainer(docker, command, { name: uniqueName(), ...options });
  await container.start();
  await container.wait();
  await container.remove();
  return container;
}
