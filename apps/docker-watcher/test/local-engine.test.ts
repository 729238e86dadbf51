// The local engine watched into a log that somebody else has opened.
import { assertIntact, createTestLog } from '@audit/core/testing';
import { expect, test } from 'vitest';
import {
  createContainer,
  describeEngine,
  engineAddress,
  engineClient,
  uniqueName,
} from '../../../packages/docker/test/support/engine.ts';
import { watchLocalEngine } from '../src/local-engine.ts';
import { Refusal } from '../src/refusal.ts';

test('an engine that does not answer is told, and nothing is recorded', async () => {
  const log = await createTestLog();
  const told: string[] = [];
  const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  expect(await watchLocalEngine({ log, env, report: (sentence) => told.push(sentence) })).toBeNull();
  expect(told).toEqual([expect.stringContaining('There is no engine at unix:///nowhere/docker.sock')]);
  expect(log.info().size).toBe(1);
  await assertIntact(log);
  await log.close();
});

test('an environment that makes no sense is refused', async () => {
  const log = await createTestLog();
  await expect(watchLocalEngine({ log, env: { DOCKER_HOST: 'ssh://x' } })).rejects.toThrow(Refusal);
  await assertIntact(log);
  await log.close();
});

describeEngine('an engine that answers', () => {
  test('is watched until its watch is stopped', async () => {
    const log = await createTestLog();
    const engine = await watchLocalEngine({ log, env: { DOCKER_HOST: engineAddress! } });
    await engine!.watch.ready();
    expect(engine!.whyNotWatched).toBeNull();
    const name = uniqueName();
    const recorded = new Promise<void>((resolve) => {
      log.on('entry', ({ entry }) => {
        if (entry.type === 'container.destroy' && entry.resource.name === name) resolve();
      });
    });
    const container = await createContainer(engineClient(), ['true'], { name });
    await container.remove();
    await recorded;
    await engine!.watch.stop();
    await assertIntact(log);
    await log.close();
  });
});
