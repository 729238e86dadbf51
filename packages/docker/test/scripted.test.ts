import { join } from 'node:path';
import { createMemoryStore, withAuditContext } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import Docker from 'dockerode';
import { beforeEach, expect, it } from 'vitest';
import { holdUp } from './support/hold-up.ts';
import { type ScriptedEngine, scripted, startScriptedEngine } from './support/scripted-engine.ts';
import { beginWatching, CHAIN, typesOf, until, watching } from './support/watching.ts';

// What a real engine does only now and then, or only to a watcher that is slow, this one does when it is told to.
let folder: string;
let engine: ScriptedEngine;
let docker: Docker;
beforeEach(async () => {
  ({ engine, docker, folder } = await scripted());
});

it('containers from before the first watch are recorded as found, and messages from before are not', async () => {
  const gone = engine.stay();
  engine.leave(gone);
  const there = engine.stay();
  const { of, recorded, end, watch } = await watching({ docker });
  const found = await of(there);
  expect(typesOf(found)).toEqual(['container.create']);
  expect(found[0]).toMatchObject({
    occurredAt: expect.any(String),
    data: { engine: { seenBy: 'reconciliation' }, state: { running: true, started: expect.any(String) } },
  });
  expect(await of(gone)).toEqual([]);
  engine.leave(there);
  await recorded(there, 'container.destroy');
  await end();
  expect(typesOf(await of(there))).toEqual(['container.create', 'container.die', 'container.destroy']);
  expect(watch.stats()).toMatchObject({ gaps: 0, reconciled: 1 });
});

it('a watch that begins anew goes on where the last one ended, also beyond one inventory', async () => {
  const store = createMemoryStore();
  const first = await watching({ docker, log: await createTestLog({ store }) });
  const ids = Array.from({ length: 450 }, () => engine.stay());
  await first.recorded(ids.at(-1)!, 'container.start');
  await first.watch.stop();
  await first.log.close();
  engine.leave(ids[0]!);
  engine.leave(ids[1]!, { silently: true });
  const silent = engine.stay({ silently: true });

  const second = await watching({ docker, log: await createTestLog({ store: store.reopen() }) });
  await second.recorded(ids[1]!, 'container.destroy');
  const entries = await second.end();
  expect(entries.filter(({ type }) => type === 'container.inventory').length).toBeGreaterThanOrEqual(3);
  expect(entries.filter(({ type }) => type === 'log.gap')).toEqual([]);
  expect(typesOf(await second.of(ids[0]!))).toEqual(CHAIN);
  expect(typesOf(await second.of(ids[1]!))).toEqual([
    'container.create',
    'container.start',
    'container.destroy',
  ]);
  expect(typesOf(await second.of(silent))).toEqual(['container.create', 'container.start']);
  for (const id of ids.slice(2)) {
    expect(typesOf(await second.of(id))).toEqual(['container.create', 'container.start']);
  }
  expect(second.watch.stats()).toMatchObject({ containers: 449, failed: 0 });
});

it('an end that is told after the container was destroyed is recorded, and brings nothing back', async () => {
  const { of, recorded, end, watch } = await watching({ docker, reconcileInterval: 50 });
  const id = engine.stay();
  engine.leave(id, { endLast: true });
  await recorded(id, 'container.die');
  const next = engine.stay();
  engine.leave(next);
  await recorded(next, 'container.destroy');
  await end();
  expect(typesOf(await of(id))).toEqual([
    'container.create',
    'container.start',
    'container.destroy',
    'container.die',
  ]);
  expect(watch.stats()).toMatchObject({ containers: 0, reconciled: 0 });
});

it('two engines in one log are told apart, and each goes on where it was', async () => {
  const store = createMemoryStore();
  const second = join(folder, 'second.sock');
  const other = await startScriptedEngine(second);
  const run = async (
    work: (log: Awaited<ReturnType<typeof createTestLog>>) => Promise<void>,
    reopened = true,
  ) => {
    const log = await createTestLog({ store: reopened ? store.reopen() : store });
    const one = await watching({ docker, log, engine: 'one' });
    const two = await watching({ docker: new Docker({ socketPath: second }), log, engine: 'two' });
    await work(log);
    await one.watch.stop();
    await two.watch.stop();
    expect([one.watch.stats(), two.watch.stats()]).toMatchObject([{ gaps: 0 }, { gaps: 0 }]);
    await log.close();
  };
  const pass = (of: ScriptedEngine) => {
    const id = of.stay();
    of.leave(id);
    return id;
  };
  let here = '';
  let there = '';
  const destroyed = (log: { entries(filter: object): AsyncIterable<unknown> }, count: number) =>
    until(async () => {
      let found = 0;
      for await (const _ of log.entries({ type: 'container.destroy' })) found++;
      return found === count;
    });
  await run(async (log) => {
    here = pass(engine);
    there = pass(other);
    await destroyed(log, 2);
  }, false);
  const between = pass(other);
  await run(async (log) => {
    await destroyed(log, 3);
    const byEngine = new Map<string, string[]>();
    for await (const { resource, data } of log.entries({ type: 'container.create' })) {
      const { name } = data!.engine as { name: string };
      byEngine.set(name, [...(byEngine.get(name) ?? []), resource.id]);
    }
    expect(byEngine).toEqual(
      new Map([
        ['one', [here]],
        ['two', [there, between]],
      ]),
    );
  });
  await other.close();
});

it('a container the engine cannot tell of does not keep the others from being watched', async () => {
  const broken = engine.stay();
  const sound = engine.stay();
  engine.spoil(broken);
  const { of, recorded, end, watch, errors } = await watching({ docker });
  expect(typesOf(await of(sound))).toEqual(['container.create']);
  const later = engine.stay();
  engine.spoil(later);
  await recorded(later, 'container.start');
  await end();
  expect(errors).toEqual([]);
  expect(watch.stats()).toMatchObject({ connections: 1, gaps: 0 });
});

it('a container that could not be inspected when it was created is inspected later', async () => {
  const { of, recorded, end } = await watching({ docker, reconcileInterval: 100 });
  const id = engine.stay();
  engine.spoil(id);
  const [create] = await recorded(id, 'container.create');
  expect(create!.data).toMatchObject({
    inspected: false,
    gone: false,
    reason: expect.stringContaining('500'),
  });
  engine.mend();
  const [inspect] = await recorded(id, 'container.inspect');
  expect(inspect!.data).toMatchObject({ command: ['true'], engine: { seenBy: 'reconciliation' } });
  await end();
  expect(typesOf(await of(id))).toEqual(['container.create', 'container.start', 'container.inspect']);
});

it('what the engine has and did not send is found by a probe, and the stream is opened again', async () => {
  const { of, recorded, end, watch } = await watching({ docker, probeInterval: 50 });
  engine.mute(true);
  const ids = [engine.live()];
  await recorded(ids[0]!, 'container.destroy');
  ids.push(engine.live());
  await recorded(ids[1]!, 'container.destroy');
  while (watch.stats().connections < 2) {
    ids.push(engine.live());
    await recorded(ids.at(-1)!, 'container.destroy');
  }
  engine.mute(false);
  await end();
  for (const id of ids) expect(typesOf(await of(id))).toEqual(CHAIN);
});

it('what the engine has forgotten meanwhile is a gap, also where a probe finds the rest', async () => {
  const { recorded, end, watch, entries } = await watching({ docker, probeInterval: 50 });
  const before = engine.live();
  await recorded(before, 'container.destroy');
  engine.mute(true);
  // At once, and more than its memory holds: no probe can come between.
  const ids = Array.from({ length: 100 }, () => engine.live());
  await until(() => watch.stats().connections === 2 && watch.stats().state === 'watching');
  engine.mute(false);
  await recorded(ids.at(-1)!, 'container.destroy');
  await end();
  const gaps = await entries('log.gap');
  expect(gaps).toHaveLength(1);
  expect(gaps[0]!.data).toMatchObject({ reasons: { 'docker-events': 0 } });
  // The gap stands before what the engine still had of the time behind it.
  const [kept] = await recorded(ids.at(-1)!, 'container.create');
  expect(kept!.seq).toBeGreaterThan(gaps[0]!.seq);
});

it('more than the queue holds is dropped and counted, and the gap says exactly how many', async () => {
  const { log, end, watch, entries } = await watching({ docker, queueMessages: 100, resources: false });
  const release = holdUp(log);
  for (let n = 0; n < 500; n++) engine.live();
  await until(() => watch.stats().received === 2_000);
  const { dropped } = watch.stats();
  expect(dropped).toBeGreaterThan(0);
  release();
  await until(() => watch.stats().gaps > 0 && watch.stats().queued === 0);
  await end();
  const gaps = await entries('log.gap');
  const told = gaps.map(({ data }) => (data!.reasons as Record<string, number>)['docker-queue']!);
  expect(told.reduce((sum, count) => sum + count, 0)).toBe(watch.stats().dropped);
  const recorded = (await entries(CHAIN)).filter(({ data }) => {
    const { seenBy } = data!.engine as { seenBy?: string };
    return seenBy === 'event';
  });
  expect(recorded.length + watch.stats().dropped).toBe(2_000);
});

it('what is no message is counted as a gap, and those around it are recorded', async () => {
  const { of, recorded, end, entries } = await watching({ docker });
  const before = engine.live();
  engine.babble('{"Type":"container","Action":');
  engine.babble('x'.repeat(1_100_000));
  const after = engine.live();
  await recorded(after, 'container.destroy');
  await until(async () => (await entries('log.gap')).length > 0);
  await end();
  for (const id of [before, after]) expect(typesOf(await of(id))).toEqual(CHAIN);
  const counts = (await entries('log.gap')).map(({ data }) => data!.reasons as Record<string, number>);
  expect(counts.reduce((sum, reasons) => sum + reasons['docker-unreadable']!, 0)).toBe(2);
});

it('an engine whose clock is set back is followed', async () => {
  const { of, recorded, end, watch } = await watching({ docker });
  const first = engine.live();
  await recorded(first, 'container.destroy');
  engine.shift(-3_600_000);
  const second = engine.live();
  await recorded(second, 'container.destroy');
  await end();
  expect(typesOf(await of(second))).toEqual(CHAIN);
  expect(watch.stats().gaps).toBe(0);
});

it('an engine that was started anew may have done more than it tells: a gap, told once', async () => {
  const { recorded, end, watch, entries } = await watching({ docker });
  const before = engine.live();
  await recorded(before, 'container.destroy');
  for (let round = 1; round <= 3; round++) {
    engine.restart();
    await until(() => watch.stats().connections === round + 1 && watch.stats().state === 'watching');
  }
  // Nothing happened since: that the engine still has nothing is no news.
  expect(await entries('log.gap')).toHaveLength(1);
  const after = engine.live();
  await recorded(after, 'container.destroy');
  engine.restart();
  await until(() => watch.stats().connections === 5 && watch.stats().state === 'watching');
  await end();
  expect(await entries('log.gap')).toHaveLength(2);
});

it('whoever starts a watch is not the actor of what happens later', async () => {
  const actor = { type: 'user', id: 'u1' };
  const { of, recorded, end } = await withAuditContext({ actor, trace: { requestId: 'r1' } }, () =>
    watching({ docker }),
  );
  const id = engine.live();
  await recorded(id, 'container.destroy');
  await end();
  for (const entry of await of(id)) {
    expect(entry).not.toHaveProperty('actor');
    expect(entry).not.toHaveProperty('trace');
  }
});

it('a log that is closed ends the watch, and says so', async () => {
  const { log, watch, errors } = await beginWatching({ docker });
  await watch.ready();
  await log.close();
  engine.live();
  await until(() => watch.stats().state === 'stopped');
  expect(errors.some(({ message }) => /was not recorded: .*closed/i.test(message))).toBe(true);
  expect(watch.stats().failed).toBeGreaterThan(0);
});
