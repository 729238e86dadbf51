// An audited client of the engine of the tests, and a log that is verified.
import type { Entry } from '@audit/core';
import { assertIntact, createTestLog, type TestLog } from '@audit/core/testing';
import type Docker from 'dockerode';
import { onTestFinished } from 'vitest';
import { auditDocker } from '../../src/client/audit-docker.ts';
import type { AuditDockerOptions } from '../../src/client/options.ts';
import { engineClient, IMAGE, uniqueName } from '../support/engine.ts';

export interface Audited {
  /** Not audited. */
  readonly plain: Docker;
  readonly docker: Docker;
  readonly log: TestLog;
  /** Options of a container that lives until it is stopped, with a name of its own. */
  options(more?: Docker.ContainerCreateOptions): Docker.ContainerCreateOptions & { readonly name: string };
  /** What was recorded, the log's own life left out. */
  entries(): Promise<Entry[]>;
}

export async function audited(options: Omit<AuditDockerOptions, 'log'> = {}): Promise<Audited> {
  const plain = engineClient();
  const log = await createTestLog();
  const prefix = uniqueName('client');
  let count = 0;
  onTestFinished(async () => {
    const left = await plain.listContainers({ all: true, filters: { name: [prefix] } });
    await Promise.all(left.map(({ Id }) => plain.getContainer(Id).remove({ force: true })));
    await assertIntact(log);
    await log.close();
  });
  return {
    ...{ plain, log, docker: auditDocker(plain, { log, ...options }) },
    options: (more) => ({ Image: IMAGE, Cmd: ['sleep', '1000'], ...more, name: `${prefix}-${++count}` }),
    async entries() {
      await log.flush();
      const found: Entry[] = [];
      for await (const entry of log.entries()) if (!entry.type.startsWith('log.')) found.push(entry);
      return found;
    },
  };
}

/** A call in callback style, as a promise of what the callback was called with. */
export function called(call: (callback: (...answer: unknown[]) => void) => unknown): Promise<unknown[]> {
  return new Promise((resolve) => {
    call((...answer) => resolve(answer));
  });
}
