import type { Entry } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import type Docker from 'dockerode';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createContainer, describeOwnEngine, privateEngine, uniqueName } from '../support/engine.ts';
import { untilOomTold } from '../support/oom.ts';
import { until, watching } from '../support/watching.ts';
import { QUICK } from './monitored.ts';

const MIB = 2 ** 20;
const GREEDY = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64M', 'count=1'];
const SMALL = { Memory: 16 * MIB, MemorySwap: 16 * MIB };
const CROWD = ['sh', '-c', 'for i in 1 2 3 4 5; do sleep 1000 & done; wait'];

const violation = ({ level, data = {} }: Entry) => {
  const { resource, phase, limit, action, result, reason, oomKilled } = data;
  return { level, resource, phase, limit, action, result, reason, oomKilled };
};

const OOM = { resource: 'memory', limit: 16 * MIB, action: 'alerted', oomKilled: true };
const OOM_TOLD = [
  { level: 'critical', ...OOM, phase: 'opened' },
  { level: 'warning', ...OOM, phase: 'closed', reason: 'ended' },
];

// Engines of their own: a watch measures every container of its engine, and what it does about one is no other test's
// business.
describeOwnEngine('a watch of an engine', () => {
  let engine: Awaited<ReturnType<typeof privateEngine>>;
  let docker: Docker;

  beforeAll(async () => {
    engine = await privateEngine();
    docker = engine.docker;
  });
  afterAll(() => engine.dispose());

  it('records an OOM kill once, and not again after a restart', async () => {
    const log = await createTestLog();
    const first = await watching({ docker, log, resources: QUICK });
    const container = await untilOomTold(docker, async () => {
      const greedy = await createContainer(docker, GREEDY, { HostConfig: SMALL, name: uniqueName('oom') });
      await greedy.start();
      return greedy;
    });
    onTestFinished(() => container.remove({ force: true }));
    await first.recorded(container.id, 'resource.violation', 2);
    await first.watch.stop();

    const second = await watching({ docker, log, resources: QUICK });
    const own = (await second.of(container.id)).filter(({ type }) => /violation|die/.test(type));
    await second.end();
    expect(own.map(({ type }) => type).sort()).toEqual([
      'container.die',
      'resource.violation',
      'resource.violation',
    ]);
    const told = own.filter(({ type }) => type === 'resource.violation');
    expect(told.map(violation)).toEqual(OOM_TOLD);
    expect(told[0]?.data?.engine).toMatchObject({ id: expect.any(String), seenBy: 'event' });
    expect(own.find(({ type }) => type === 'container.die')?.data).toMatchObject({
      oomKilled: true,
      exitCode: 137,
    });
  });

  it('kills by policy, and records its own act and what the engine tells of it', async () => {
    const { of, recorded, watch, end } = await watching({
      docker,
      resources: { ...QUICK, pids: '100% kill' },
    });
    const container = await createContainer(docker, CROWD, {
      ...{ HostConfig: { PidsLimit: 6 }, name: uniqueName('crowd') },
    });
    onTestFinished(() => container.remove({ force: true }));
    await container.start();
    await recorded(container.id, 'resource.violation', 3);
    await recorded(container.id, 'container.die');
    // The engine does not say in which order it tells of these.
    await recorded(container.id, 'container.kill');
    const found = await of(container.id);
    const { resources } = watch.stats();
    await end();
    expect(found.filter(({ type }) => type === 'resource.violation').map(({ data }) => data?.action)).toEqual(
      [...['none', 'killed', 'killed']],
    );
    expect(found.filter(({ type }) => type === 'container.kill')).toHaveLength(1);
    expect(resources).toMatchObject({ violations: 1, actions: 1, failedActions: 0 });
  });

  it('measures what ran before it, with the limits of its labels', async () => {
    const container = await createContainer(docker, CROWD, {
      Labels: { 'audit.limits.pids': '3' },
      name: uniqueName('before'),
    });
    onTestFinished(() => container.remove({ force: true }));
    await container.start();
    const { recorded, end } = await watching({ docker, resources: QUICK });
    const [opened] = await recorded(container.id, 'resource.violation');
    const entries = await end();
    expect(opened?.data).toMatchObject({
      ...{ resource: 'pids', limit: 3, observed: 6, phase: 'opened', engine: { seenBy: 'sample' } },
    });
    const last = entries.filter(({ resource }) => resource.id === container.id).at(-1);
    expect(last?.data).toMatchObject({ phase: 'closed', reason: 'unwatched' });
  });

  it('measures nothing where it is told so', async () => {
    const { of, recorded, watch, end } = await watching({ docker, resources: false });
    const container = await createContainer(docker, GREEDY, { HostConfig: SMALL, name: uniqueName('oom') });
    onTestFinished(() => container.remove({ force: true }));
    await container.start();
    await recorded(container.id, 'container.die');
    expect((await of(container.id)).some(({ type }) => type === 'resource.violation')).toBe(false);
    expect(watch.stats().resources).toBeNull();
    await end();
  });
});

describeOwnEngine('a watch of an engine that has forgotten', () => {
  it('records an OOM kill from what an inspection still shows, once', async () => {
    const engine = await privateEngine();
    onTestFinished(() => engine.dispose());
    const { docker } = engine;
    const log = await createTestLog();
    const first = await watching({ docker, log, resources: QUICK });
    const made: Docker.Container[] = [];
    for (let n = 0; n < 10; n++) made.push(await createContainer(docker, GREEDY, { HostConfig: SMALL }));
    for (const { id } of made) await first.recorded(id, 'container.create');
    await first.watch.stop();

    const isKept = async (greedy: Docker.Container) => {
      await greedy.start();
      await greedy.wait();
      return (await greedy.inspect()).State.OOMKilled;
    };
    let container = made.pop()!;
    // A busy engine does not keep each.
    while (!(await isKept(container))) container = made.pop()!;
    // An engine keeps its messages in memory only.
    await engine.stop();
    await engine.start();

    const second = await watching({ docker, log, resources: QUICK });
    await second.recorded(container.id, 'resource.violation', 2);
    await second.watch.stop();
    const third = await watching({ docker, log, resources: QUICK });
    await until(() => third.watch.stats().state === 'watching');
    const told = (await third.of(container.id)).filter(({ type }) => type === 'resource.violation');
    await third.end();
    expect(told.map(violation)).toEqual(OOM_TOLD);
    expect(told[0]?.data?.engine).toMatchObject({ seenBy: 'reconciliation' });
  });
});
