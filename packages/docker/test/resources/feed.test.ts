import { createMemoryStore } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import type Docker from 'dockerode';
import { beforeEach, expect, it } from 'vitest';
import { type ScriptedEngine, scripted } from '../support/scripted-engine.ts';
import { until, watching } from '../support/watching.ts';

/** Of a container that is never over: told as soon as it is looked at. */
const AT_ONCE = { 'audit.limits.time': '1ms' };

// What the watch over resources is told by lists, and by messages that come before, between and after them.
let engine: ScriptedEngine;
let docker: Docker;
beforeEach(async () => {
  ({ engine, docker } = await scripted());
});

it('a container that goes without a message is not watched any more', async () => {
  const { watch, recorded, end } = await watching({ docker, reconcileInterval: 50 });
  const id = engine.stay({ labels: AT_ONCE });
  await recorded(id, 'resource.violation');
  engine.leave(id, { silently: true });
  await recorded(id, 'container.destroy');
  const [, closed] = await recorded(id, 'resource.violation', 2);
  expect(closed!.data).toMatchObject({ phase: 'closed', reason: 'removed' });
  expect(watch.stats().resources).toMatchObject({ containers: 0, open: 0 });
  await end();
});

it('a container that is started while it is listed stays watched', async () => {
  const id = engine.create();
  let lists = 0;
  let hold: Promise<void> | null = null;
  engine.intercept(async ({ pathname, searchParams }) => {
    if (pathname === '/containers/json') lists++;
    if (pathname === '/events' && searchParams.has('until')) await hold;
    return undefined;
  });
  const { watch, end } = await watching({ docker, reconcileInterval: 50 });
  let release = () => {};
  hold = new Promise((resolve) => {
    release = resolve;
  });
  // Listed as created; the question that follows the list waits until the container runs.
  const before = lists;
  await until(() => lists > before);
  engine.start(id);
  await until(() => watch.stats().resources?.containers === 1);
  hold = null;
  release();
  const after = lists;
  await until(() => lists > after + 2);
  expect(watch.stats().resources?.containers).toBe(1);
  await end();
});

it('the labels of a container that was started while nobody watched count', async () => {
  const store = createMemoryStore();
  const first = await watching({ docker, log: await createTestLog({ store }) });
  const id = engine.create({ labels: { 'audit.limits.time': '1ms kill', 'audit.limits.protect': 'true' } });
  await first.recorded(id, 'container.create');
  await first.watch.stop();
  await first.log.close();
  engine.start(id);
  const second = await watching({ docker, log: await createTestLog({ store: store.reopen() }) });
  const [violation] = await second.recorded(id, 'resource.violation');
  expect(violation!.data).toMatchObject({ rule: '1ms kill', result: 'protected' });
  await second.end();
});

it('a name of which no message told protects', async () => {
  const resources = { protect: ['precious'] };
  const { recorded, end } = await watching({ docker, reconcileInterval: 50, resources });
  const id = engine.stay({ labels: { 'audit.limits.time': '2s kill' } });
  await recorded(id, 'container.start');
  engine.renameSilently(id, 'precious');
  await recorded(id, 'container.rename');
  const [violation] = await recorded(id, 'resource.violation');
  expect(violation!.data).toMatchObject({ result: 'protected', container: { name: 'precious' } });
  await end();
});

it('containers of another engine on the same socket are not taken for those of the first', async () => {
  const { watch, recorded, end } = await watching({ docker });
  const id = engine.stay({ labels: AT_ONCE });
  const [opened] = await recorded(id, 'resource.violation');
  engine.reinstall();
  await until(() => watch.stats().connections === 2 && watch.stats().state === 'watching');
  const [, closed] = await recorded(id, 'resource.violation', 2);
  expect(closed!.data).toMatchObject({ phase: 'closed', reason: 'unwatched' });
  expect((closed!.data!.engine as { id: string }).id).toBe((opened!.data!.engine as { id: string }).id);
  expect(watch.stats().resources?.containers).toBe(0);
  await end();
});

it('how long a container runs is told by the clock of its engine', async () => {
  engine.shift(-3_600_000);
  const { watch, recorded, end, entries } = await watching({ docker, resources: { time: '30m' } });
  const id = engine.stay();
  await recorded(id, 'container.start');
  await until(() => watch.stats().resources?.containers === 1);
  const sure = engine.stay({ labels: AT_ONCE });
  await recorded(sure, 'resource.violation');
  await end();
  const about = (await entries('resource.violation')).map(({ resource }) => resource.id);
  expect(about).not.toContain(id);
});
