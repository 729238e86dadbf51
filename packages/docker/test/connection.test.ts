import type Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  clientOf,
  createContainer,
  type Daemon,
  describeOwnEngine,
  live as liveIn,
  privateEngine,
  uniqueName,
} from './support/engine.ts';
import { type EngineProxy, startProxy } from './support/proxy.ts';
import { CHAIN, typesOf, until, watching } from './support/watching.ts';

describeOwnEngine('a connection that does not hold', () => {
  // Its own, since others would make it forget.
  let engine: Daemon;
  let docker: Docker;
  let proxy: EngineProxy;
  beforeAll(async () => {
    engine = await privateEngine();
    docker = clientOf(engine.socketPath);
    proxy = await startProxy(engine.socketPath);
  });
  afterAll(async () => {
    await proxy.close();
    await engine.dispose();
  });

  const live = async () => {
    const { id } = await liveIn(docker, ['sh', '-c', 'exit 5'], { Labels: { größe: '日本語 ✓ 🙂' } });
    return id;
  };

  it('that hands on one byte at a time splits lines and characters, and loses nothing', async () => {
    proxy.split(1);
    const { recorded, of, end, errors, log } = await watching({ docker: proxy.client(), resources: false });
    const id = await live();
    await recorded(id, 'container.destroy');
    proxy.split(0);
    await end();
    expect(typesOf(await of(id))).toEqual(CHAIN);
    expect((await of(id))[0]!.data!.container).toMatchObject({ labels: { größe: '日本語 ✓ 🙂' } });
    expect(errors).toEqual([]);
    expect(log.health().lost).toEqual({});
  });

  it('that is cut is made again, and what happened meanwhile is recorded once and without a gap', async () => {
    const { recorded, of, end, errors, watch } = await watching({ docker: proxy.client(), resources: false });
    const before = await live();
    await recorded(before, 'container.destroy');
    const ids: string[] = [];
    for (let round = 0; round < 3; round++) {
      await proxy.cut();
      ids.push(await live());
      await proxy.mend();
      ids.push(await live());
      await recorded(ids.at(-1)!, 'container.destroy');
      await until(() => watch.stats().state === 'watching');
    }
    const entries = await end();
    for (const id of [before, ...ids]) expect(typesOf(await of(id))).toEqual(CHAIN);
    expect(entries.filter(({ type }) => type === 'log.gap')).toEqual([]);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    expect(watch.stats()).toMatchObject({ connections: 4, gaps: 0, reconciled: 0, failed: 0 });
    expect(watch.stats().repeated).toBeGreaterThan(0);
    expect(errors).toEqual([]);
  });

  it('that stalls without ending is found out by a probe, and made again', async () => {
    const { recorded, of, end, watch } = await watching({
      docker: proxy.client(),
      resources: false,
      probeInterval: 200,
    });
    proxy.stall();
    const ids: string[] = [];
    while (watch.stats().connections < 2) {
      ids.push(await live());
      await recorded(ids.at(-1)!, 'container.destroy');
    }
    await until(() => watch.stats().state === 'watching');
    await proxy.mend();
    ids.push(await live());
    await recorded(ids.at(-1)!, 'container.destroy');
    const entries = await end();
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    for (const id of ids) expect(typesOf(await of(id))).toEqual(CHAIN);
  });

  it('beyond the memory of the engine leaves a gap that says so, and what is still there is found by inspection', async () => {
    const { recorded, of, end, watch, entries } = await watching({
      docker: proxy.client(),
      resources: false,
    });
    const known = await createContainer(docker, ['sleep', '600'], { name: uniqueName('known') });
    await known.start();
    const leaving = await docker.createVolume({ Name: uniqueName('leaving') });
    await recorded(known.id, 'container.start');
    await until(async () => (await of(leaving.name)).length > 0);
    await proxy.cut();
    await known.kill();
    await known.wait();
    const kept = await createContainer(docker, ['sh', '-c', 'exit 7'], { name: uniqueName('kept') });
    await kept.start();
    await kept.wait();
    const running = await createContainer(docker, ['sleep', '600'], { name: uniqueName('running') });
    await running.start();
    await running.pause();
    const network = await docker.createNetwork({ Name: uniqueName('network'), Driver: 'bridge' });
    await docker.getVolume(leaving.name).remove();
    const arriving = await docker.createVolume({ Name: uniqueName('arriving') });
    const passing = await live();
    // 256 messages and more, so that the engine forgets.
    for (let n = 0; n < 140; n++) {
      const volume = await docker.createVolume({ Name: uniqueName('volume') });
      await volume.remove();
    }
    await proxy.mend();
    await recorded(kept.id, 'container.die');
    await until(() => watch.stats().state === 'watching');
    const [gap] = await entries('log.gap');
    expect(gap).toMatchObject({
      level: 'critical',
      data: {
        reasons: { 'docker-events': 0 },
        reports: [{ data: { from: expect.any(String), to: expect.any(String) } }],
      },
    });
    expect(typesOf(await of(kept.id))).toEqual(['container.create', 'container.start', 'container.die']);
    for (const entry of await of(kept.id)) {
      expect(entry.data!.engine).toMatchObject({ seenBy: 'reconciliation' });
      expect(entry.occurredAt).toBeDefined();
    }
    expect((await of(kept.id)).at(-1)!.data).toMatchObject({ exitCode: 7 });
    expect(typesOf(await of(known.id))).toEqual(['container.create', 'container.start', 'container.die']);
    expect((await of(known.id)).at(-1)!.data).toMatchObject({
      exitCode: 137,
      engine: { seenBy: 'reconciliation' },
    });
    expect(typesOf(await of(running.id))).toEqual(['container.create', 'container.start', 'container.pause']);
    expect(await of(passing)).toEqual([]);
    const reconciled = { engine: { seenBy: 'reconciliation' } };
    expect((await entries('network.create')).at(-1)!.data).toMatchObject({
      networkId: network.id,
      ...reconciled,
    });
    expect(typesOf(await of(arriving.name))).toEqual(['volume.create']);
    expect(typesOf(await of(leaving.name))).toEqual(['volume.create', 'volume.destroy']);
    expect((await of(leaving.name))[1]!.data).toMatchObject(reconciled);
    for (const container of [known, kept, running]) await container.remove({ force: true });
    await network.remove();
    await docker.getVolume(arriving.name).remove();
    await recorded(running.id, 'container.destroy');
    const all = await end();
    expect(all.filter(({ type }) => type === 'log.gap')).toHaveLength(1);
    expect(typesOf(await of(kept.id)).at(-1)).toBe('container.destroy');
  });
});
