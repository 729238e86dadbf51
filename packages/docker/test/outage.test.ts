import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  clientOf,
  createContainer,
  type Daemon,
  describeOwnEngine,
  privateEngine,
  uniqueName,
} from './support/engine.ts';
import { type EngineProxy, startProxy } from './support/proxy.ts';
import { typesOf, until, watching } from './support/watching.ts';

/** Seconds without a connection; `npm run outage` makes it a minute. */
const OUTAGE = Number(process.env.AUDIT_OUTAGE ?? 3);
const CHAIN = ['container.create', 'container.start', 'container.die', 'container.destroy'];

describeOwnEngine('a network that is away while containers come and go', () => {
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

  it(
    'loses nothing that an engine or an inspection still tells, and tells of the rest',
    async () => {
      const { watch, end, entries, errors } = await watching({
        docker: proxy.client(),
        resources: false,
        // After a minute there is much to inspect, beside work that goes on.
        answerTimeout: 15_000,
      });
      let working = true;
      const lives: { readonly id: string; readonly removed: boolean; readonly during: boolean }[] = [];
      let away = false;
      const work = async (keep: boolean) => {
        while (working) {
          const begun = away;
          const container = await createContainer(docker, ['true'], { name: uniqueName('load') });
          await container.start();
          await container.wait();
          const removed = !keep || Math.random() < 0.8;
          if (removed) await container.remove();
          lives.push({ id: container.id, removed, during: begun || away });
        }
      };
      const workers = [work(false), work(true)];
      await until(() => lives.length >= 4);
      // Lives that end from here on may lack their end. The end of those before is in the log before the connection is cut:
      // a message that is under way then is lost with it, and may be forgotten when it is asked for again.
      away = true;
      await until(async () => {
        const ended = new Set((await entries('container.destroy')).map(({ resource }) => resource.id));
        return lives.every(({ id, removed, during }) => during || !removed || ended.has(id));
      });
      await proxy.cut();
      await sleep(OUTAGE * 1_000);
      await proxy.mend();
      await until(() => watch.stats().state === 'watching');
      away = false;
      const before = lives.length;
      await until(() => lives.length >= before + 4);
      working = false;
      await Promise.all(workers);
      const settled = lives.filter(({ during, removed }) => !during && removed).at(-1)!;
      await until(async () =>
        (await entries('container.destroy')).some(({ resource }) => resource.id === settled.id),
      );
      const all = await end();
      const gaps = all.filter(({ type }) => type === 'log.gap').length;
      let complete = 0;
      for (const { id, removed, during } of lives) {
        const types = typesOf(all.filter(({ resource }) => resource.id === id));
        for (const type of CHAIN) expect(types.filter((each) => each === type).length).toBeLessThanOrEqual(1);
        const expected = removed ? CHAIN : CHAIN.slice(0, 3);
        if (types.length === expected.length) complete++;
        // What came and went while nobody watched may be what the gap stands for; what is still there is not.
        // Where messages begin in the midst of a life, its creation is told last, by reconciliation.
        if (!during || !removed || gaps === 0) expect([...types].sort(), id).toEqual([...expected].sort());
      }
      expect(errors).toEqual([]);
      expect(watch.stats()).toMatchObject({ failed: 0, dropped: 0 });
      console.log(
        `${OUTAGE} s away: ${lives.length} lives, ${complete} told in full, ${watch.stats().reconciled} entries by ` +
          `reconciliation, ${gaps} gaps`,
      );
    },
    OUTAGE * 1_000 + 300_000,
  );
});
