import { setAuditLog } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import Docker from 'dockerode';
import { expect, it } from 'vitest';
import { type DockerWatchOptions, watchDocker } from '../src/index.ts';

const docker = new Docker({ socketPath: '/nowhere/docker.sock' });

it('names the option that is wrong', async () => {
  const log = await createTestLog();
  const wrong: [unknown, ErrorConstructor, RegExp][] = [
    [undefined, TypeError, /watchDocker takes an object/],
    [{ docker: {}, log }, TypeError, /docker must be a dockerode client/],
    [{ docker, log, event: [] }, RangeError, /event is no option; there are docker, log/],
    [{ docker, log, events: 'container' }, TypeError, /events must be a list/],
    [{ docker, log, events: ['pod'] }, RangeError, /"pod" is none of container, image/],
    [{ docker, log, engine: '' }, TypeError, /engine must be a name/],
    [{ docker, log, queueMessages: 0 }, RangeError, /queueMessages must be a whole number from 1/],
    [{ docker, log, settle: 0.5 }, RangeError, /settle must be a whole number/],
    [{ docker, log, probeInterval: 2 ** 31 }, RangeError, /probeInterval must be/],
    [{ docker, log, retryMin: 10, retryMax: 5 }, RangeError, /retryMax must not be below retryMin/],
    [{ docker, log, healthProbes: 'yes' }, TypeError, /healthProbes must be true or false/],
    [{ docker, log, resources: { memory: 'much' } }, RangeError, /memory/],
  ];
  for (const [options, kind, message] of wrong) {
    await expect(watchDocker(options as DockerWatchOptions), String(message)).rejects.toSatisfy(
      (error: Error) => error instanceof kind && message.test(error.message),
    );
  }
  await log.close();
});

it('waits for an engine that is away, in the log of the process, and stops without it', async () => {
  const log = await createTestLog();
  setAuditLog(log);
  const watch = await watchDocker({ docker, retryMin: 5, retryMax: 10 });
  const reasons: string[] = [];
  watch.on('disconnected', ({ reason }) => reasons.push(reason));
  watch.on('disconnected', () => {
    throw new Error('a listener');
  });
  while (reasons.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(reasons[0]).toMatch(/The engine was not reached: connect ENOENT/);
  expect(watch.stats()).toMatchObject({ state: 'connecting', engine: null, connections: 0, cursor: null });
  const ready = expect(watch.ready()).rejects.toThrow(/stopped before/);
  await Promise.all([watch.stop(), watch.stop()]);
  await ready;
  expect(watch.stats().state).toBe('stopped');
  setAuditLog(undefined);
  await log.close();
});
