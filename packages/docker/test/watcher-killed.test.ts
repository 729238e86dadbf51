import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Entry, openAuditLog, verifyDirectory } from '@audit/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  clientOf,
  createContainer,
  type Daemon,
  describeOwnEngine,
  live,
  privateEngine,
  uniqueName,
} from './support/engine.ts';
import { startWatcher, type WatcherProcess } from './support/watcher-process.ts';
import { CHAIN, typesOf } from './support/watching.ts';

describeOwnEngine('a watcher that is killed and started again', () => {
  let folder: string;
  let engine: Daemon;
  const watchers: WatcherProcess[] = [];
  beforeAll(async () => {
    engine = await privateEngine();
    folder = await mkdtemp(join(tmpdir(), 'audit-docker-'));
  });
  afterAll(async () => {
    for (const watcher of watchers) await watcher.kill();
    await engine.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async () => {
    const watcher = await startWatcher(join(folder, 'log'), engine.socketPath);
    watchers.push(watcher);
    return watcher;
  };

  it('records nothing twice, and everything the engine can still tell', async () => {
    const docker = clientOf(engine.socketPath);
    let watcher = await start();
    let working = true;
    const made: string[] = [];
    const work = async () => {
      while (working) {
        const { id } = await live(docker);
        made.push(id);
      }
    };
    const workers = [work(), work()];
    for (let kill = 0; kill < 4; kill++) {
      const before = made.length;
      // Each time at another moment of the work.
      while (made.length < before + 4) await sleep(10 + kill * 7);
      await watcher.kill();
      watcher = await start();
    }
    working = false;
    await Promise.all(workers);
    // While nobody watches.
    await watcher.kill();
    const unwatched = await createContainer(docker, ['sh', '-c', 'exit 9'], {
      name: uniqueName('unwatched'),
    });
    await unwatched.start();
    await unwatched.wait();
    watcher = await start();
    const stats = await watcher.stop();
    await unwatched.remove();

    expect(stats).toMatchObject({ state: 'stopped', failed: 0, dropped: 0 });
    const directory = join(folder, 'log');
    expect(await verifyDirectory(directory)).toMatchObject({ verdict: 'intact' });
    const log = await openAuditLog({ directory });
    const entries: Entry[] = [];
    for await (const entry of log.entries()) entries.push(entry);
    await log.close();

    const ids = entries.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const gaps = entries.filter(({ type }) => type === 'log.gap');
    for (const id of made) {
      const types = typesOf(entries.filter(({ resource }) => resource.id === id));
      // A machine so slow that the engine forgot what happened meanwhile is told of by a gap.
      if (gaps.length === 0) expect(types, id).toEqual(CHAIN);
      else
        for (const type of CHAIN) expect(types.filter((each) => each === type).length).toBeLessThanOrEqual(1);
    }
    const about = entries.filter(({ resource }) => resource.id === unwatched.id);
    expect(typesOf(about)).toEqual(['container.create', 'container.start', 'container.die']);
    expect(about.at(-1)!.data).toMatchObject({ exitCode: 9 });
    expect(typesOf(entries)).toContain('container.inventory');
  });
});
