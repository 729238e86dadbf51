import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createContainer,
  type Daemon,
  describeOwnEngine,
  privateEngine,
  uniqueName,
} from './support/engine.ts';
import { typesOf, until, watching } from './support/watching.ts';

describeOwnEngine('an engine that is killed under load and started again', () => {
  let engine: Daemon & { readonly docker: Docker };
  beforeAll(async () => {
    engine = await privateEngine();
  });
  afterAll(() => engine.dispose());

  it('is watched on: nothing twice, what an inspection tells is there, and the rest is a gap', async () => {
    const { docker } = engine;
    const { watch, end, entries, errors } = await watching({ docker, resources: false });
    const survivor = await createContainer(docker, ['sleep', '600'], { name: uniqueName('survivor') });
    await survivor.start();

    let working = true;
    let lives = 0;
    const made = new Set<string>();
    const work = async () => {
      while (working) {
        try {
          const container = await createContainer(docker, ['true'], { name: uniqueName('load') });
          made.add(container.id);
          await container.start();
          await container.wait();
          if (Math.random() < 0.5) await container.remove();
          lives++;
        } catch {
          // The engine is away.
          await sleep(20);
        }
      }
    };
    const workers = [work(), work(), work()];
    await until(() => lives >= 10);
    for (let round = 1; round <= 2; round++) {
      await engine.kill();
      await until(() => watch.stats().state === 'connecting');
      await engine.start();
      await until(() => watch.stats().state === 'watching' && watch.stats().gaps >= round);
      const before = lives;
      await until(() => lives >= before + 5);
    }
    working = false;
    await Promise.all(workers);
    await until(async () => {
      const all = await entries('container.create');
      const known = new Set(all.map(({ resource }) => resource.id));
      return (await docker.listContainers({ all: true })).every(({ Id }) => known.has(Id));
    });
    await until(() => watch.stats().queued === 0);
    const present = await docker.listContainers({ all: true });
    const all = await end();

    expect(all.filter(({ type }) => type === 'log.gap').length).toBeGreaterThanOrEqual(2);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    // Nothing twice: no container is created or destroyed more than once, whoever told of it.
    for (const id of made) {
      const types = typesOf(all.filter(({ resource }) => resource.id === id));
      for (const once of ['container.create', 'container.start', 'container.die', 'container.destroy']) {
        expect(
          types.filter((type) => type === once).length,
          `${once} of ${id}: ${types}`,
        ).toBeLessThanOrEqual(1);
      }
    }
    for (const { Id, State } of present) {
      const types = typesOf(all.filter(({ resource }) => resource.id === Id));
      expect(types, Id).toContain('container.create');
      if (State === 'exited') expect(types, Id).toContain('container.die');
      expect(types, Id).not.toContain('container.destroy');
    }
    expect(typesOf(all.filter(({ resource }) => resource.id === survivor.id))).toContain('container.die');
    expect(errors).toEqual([]);
  });
});
