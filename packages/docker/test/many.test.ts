import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientOf, type Daemon, describeOwnEngine, live, privateEngine } from './support/engine.ts';
import { CHAIN, until, watching } from './support/watching.ts';

/** Containers made at one time: more do not make the engine faster. */
const WORKERS = 16;
const CONTAINERS = 500;

describeOwnEngine('500 containers as fast as the engine makes them', () => {
  let engine: Daemon;
  beforeAll(async () => {
    engine = await privateEngine();
  });
  afterAll(() => engine.dispose());

  it('are recorded one by one: created, started, ended and destroyed exactly once', async () => {
    const docker = clientOf(engine.socketPath);
    const { watch, end, errors, log } = await watching({ docker });
    const made: string[] = [];
    let begun = 0;
    const work = async () => {
      while (begun++ < CONTAINERS) {
        const { id } = await live(docker);
        made.push(id);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
    // An engine may tell of a container's end after it was destroyed.
    for (const type of ['container.destroy', 'container.die']) {
      await until(async () => {
        let count = 0;
        for await (const _ of log.entries({ type })) count++;
        return count >= CONTAINERS;
      }, `${CONTAINERS} ${type}`);
    }
    const all = await end();
    const byContainer = new Map<string, string[]>();
    for (const { type, resource } of all) {
      byContainer.set(resource.id, [...(byContainer.get(resource.id) ?? []), type]);
    }
    expect(made).toHaveLength(CONTAINERS);
    for (const id of made) {
      expect([...byContainer.get(id)!].sort(), id).toEqual([...CHAIN].sort());
    }
    // An engine that is busy answers a question about a container when it starts it, and may find it gone then.
    const creations = all.filter(({ type }) => type === 'container.create');
    const uninspected = creations.filter(({ data }) => data!.inspected === false);
    expect(uninspected.length).toBeLessThan(CONTAINERS / 10);
    for (const { data } of uninspected) expect(data!.risks).toMatchObject([{ id: 'not-inspected' }]);
    expect(watch.stats()).toMatchObject({ failed: 0, dropped: 0, gaps: 0, reconciled: 0, containers: 0 });
    expect(errors).toEqual([]);
  }, 900_000);
});
