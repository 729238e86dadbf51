import { assertIntact, createTestLog } from '@audit/core/testing';
import { expect, it, vi } from 'vitest';
import { auditDocker } from '../../src/client/audit-docker.ts';
import { scripted } from '../support/scripted-engine.ts';

// The scripted engine starts nothing when it is asked to: each call fails, and is recorded as what failed.
async function auditedContainer() {
  const { engine, docker } = await scripted();
  const log = await createTestLog();
  const container = auditDocker(docker, { log }).getContainer(engine.stay());
  const ended = async () => {
    await log.flush();
    const outcomes: string[] = [];
    for await (const { outcome } of log.entries({ type: 'container.start' })) outcomes.push(outcome);
    await assertIntact(log);
    await log.close();
    return outcomes;
  };
  return { container, ended };
}

it('a method that the application wraps is called once, and recorded once', async () => {
  const { container, ended } = await auditedContainer();
  const { start } = container;
  let calls = 0;
  container.start = async () => {
    calls++;
    return start.call(container);
  };
  await expect(container.start()).rejects.toMatchObject({ statusCode: 404 });
  expect(calls).toBe(1);
  expect(await ended()).toEqual(['failure']);
});

it('a method that a test spies on is called once, also when the spy is gone again', async () => {
  const { container, ended } = await auditedContainer();
  const spy = vi.spyOn(container, 'start');
  await expect(container.start()).rejects.toMatchObject({ statusCode: 404 });
  expect(spy).toHaveBeenCalledTimes(1);
  spy.mockRestore();
  await expect(container.start()).rejects.toMatchObject({ statusCode: 404 });
  expect(await ended()).toEqual(['failure', 'failure']);
});
