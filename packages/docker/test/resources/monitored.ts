// A monitor over the engine of the tests: fed with the engine's own events, writing into a log that is verified.
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from '@audit/core';
import { assertIntact, createTestLog, type TestLog } from '@audit/core/testing';
import type Docker from 'dockerode';
import { onTestFinished } from 'vitest';
import { ResourceMonitor } from '../../src/resources/monitor.ts';
import type { ResourceOptions } from '../../src/resources/options.ts';
import { createContainer, engineClient, uniqueName } from '../support/engine.ts';

/** Quick enough for a test. */
export const QUICK: ResourceOptions = {
  ...{ sampleInterval: 200, samplesPerSecond: 20, sustained: 1_000, updateInterval: 60_000 },
};

export interface Violation {
  readonly seq: number;
  readonly level: Entry['level'];
  readonly error: Entry['error'];
  readonly container: string;
  // biome-ignore lint/suspicious/noExplicitAny: what an entry holds
  readonly data: any;
}

export interface Monitored {
  readonly docker: Docker;
  readonly log: TestLog;
  readonly monitor: ResourceMonitor;
  readonly warnings: readonly string[];
  /** Makes and starts a container; it is removed after the test. */
  run(command: readonly string[], options?: Docker.ContainerCreateOptions): Promise<Docker.Container>;
  /** Makes a container and tells the monitor, wrongly, that it runs: its end is still on the way to it. */
  pretend(labels: Readonly<Record<string, string>>): Promise<Docker.Container>;
  /** What is recorded of one container, once `done` says so. Fails where the test's time is over first. */
  violations(
    container: Docker.Container,
    done: (found: readonly Violation[]) => boolean,
  ): Promise<readonly Violation[]>;
}

/** Containers of other tests are not told to the monitor: only those `run` has made. */
export async function monitored(options: ResourceOptions = QUICK): Promise<Monitored> {
  const docker = engineClient();
  const log = await createTestLog();
  const warnings: string[] = [];
  const monitor = new ResourceMonitor({
    ...{ docker, options, warn: ({ message }) => warnings.push(message) },
    emit: (event) => log.emit(event),
  });
  const label = uniqueName('monitored');
  const containers: Docker.Container[] = [];
  const memoryLimits = new Map<string, number | undefined>();
  const stopFeeding = await feed(docker, label, monitor, memoryLimits);
  onTestFinished(async () => {
    await monitor.stop();
    stopFeeding();
    await Promise.all(containers.map((container) => container.remove({ force: true }).catch(() => {})));
    await assertIntact(log);
    await log.close();
  });

  const violations = async (id: string): Promise<Violation[]> => {
    const found: Violation[] = [];
    await log.flush();
    for await (const { seq, level, error, resource, data } of log.entries({ type: 'resource.violation' })) {
      if (resource.id === id) found.push({ seq, level, error, container: resource.id, data });
    }
    return found;
  };
  return {
    ...{ docker, log, monitor, warnings },
    async run(command, { Labels, ...rest } = {}) {
      const container = await createContainer(docker, command, {
        ...rest,
        name: uniqueName('resources'),
        Labels: { ...Labels, [label]: '' },
      });
      containers.push(container);
      memoryLimits.set(container.id, rest.HostConfig?.Memory);
      await container.start();
      return container;
    },
    async pretend(labels) {
      const container = await createContainer(docker, ['true']);
      containers.push(container);
      monitor.containerStarted({ container: { id: container.id, labels }, startedAt: new Date() });
      return container;
    },
    async violations({ id }, done) {
      for (;;) {
        const found = await violations(id);
        if (done(found)) return found;
        await sleep(50);
      }
    },
  };
}

/** Hands the engine's events to the monitor, as a watch does. */
async function feed(
  docker: Docker,
  label: string,
  monitor: ResourceMonitor,
  memoryLimits: ReadonlyMap<string, number | undefined>,
): Promise<() => void> {
  const options: Docker.GetEventsOptions = { filters: { type: ['container'], label: [label] } };
  const stream = (await docker.getEvents(options)) as IncomingMessage;
  stream.on('error', () => {});
  createInterface({ input: stream }).on('line', (line) => {
    const { Action, Actor, timeNano } = JSON.parse(line);
    const { name, image, ...labels } = Actor.Attributes;
    // Rounded by JSON.parse, but not to milliseconds.
    const at = new Date(timeNano / 1e6);
    if (Action === 'start') {
      const container = { id: Actor.ID, name, image, labels };
      monitor.containerStarted({ container, startedAt: at, memoryLimit: memoryLimits.get(Actor.ID) });
    } else if (Action === 'oom') monitor.oom(Actor.ID, at);
    else if (Action === 'die') monitor.containerEnded(Actor.ID, { at });
    else if (Action === 'destroy') monitor.containerRemoved(Actor.ID);
  });
  return () => stream.destroy();
}

/** What of a violation must be the same in every run. */
export function facts({ level, data }: Violation) {
  const { resource, phase, action, result, reason } = data;
  return { level, resource, phase, action, result, reason };
}
