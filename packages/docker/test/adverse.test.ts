import { createMemoryStore } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import type Docker from 'dockerode';
import { beforeEach, expect, it } from 'vitest';
import { holdUp } from './support/hold-up.ts';
import { type ScriptedEngine, scripted } from './support/scripted-engine.ts';
import { beginWatching, CHAIN, typesOf, until, watching } from './support/watching.ts';

// An engine that answers late, wrongly or not at all, and a clock that goes its own way.
let engine: ScriptedEngine;
let docker: Docker;
beforeEach(async () => {
  ({ engine, docker } = await scripted());
});

it('a question that fails before the stream is open leads to another connection', async () => {
  let refusals = 0;
  let answered = () => {};
  const refused = new Promise<void>((resolve) => {
    answered = resolve;
  });
  engine.intercept(async ({ pathname, searchParams }) => {
    if (pathname !== '/events' || refusals > 1) return undefined;
    if (searchParams.has('until')) {
      refusals++;
      // The watch has heard of it before its stream is open.
      setTimeout(answered, 100);
      return 500;
    }
    await refused;
    return undefined;
  });
  const { recorded, end, of } = await watching({ docker });
  const id = engine.live();
  await recorded(id, 'container.destroy');
  await end();
  expect(typesOf(await of(id))).toEqual(CHAIN);
});

it('an engine whose clock is set back while it is away is followed, behind a gap', async () => {
  const { recorded, end, of, watch, entries } = await watching({ docker });
  const before = engine.live();
  await recorded(before, 'container.destroy');
  engine.shift(-3_600_000);
  engine.restart();
  await until(() => watch.stats().connections === 2 && watch.stats().state === 'watching');
  const after = engine.live();
  await recorded(after, 'container.destroy');
  await end();
  expect(typesOf(await of(after))).toEqual(CHAIN);
  expect(await entries('log.gap')).toHaveLength(1);
});

it('a watch that begins anew follows an engine whose clock was set back meanwhile', async () => {
  const store = createMemoryStore();
  const first = await watching({ docker, log: await createTestLog({ store }) });
  const before = engine.live();
  await first.recorded(before, 'container.destroy');
  await first.watch.stop();
  await first.log.close();
  engine.shift(-3_600_000);
  const second = await watching({ docker, log: await createTestLog({ store: store.reopen() }) });
  const after = engine.live();
  await second.recorded(after, 'container.destroy');
  await second.end();
  expect(typesOf(await second.of(after))).toEqual(CHAIN);
});

it('what the log does not take before the watch ends is a gap, and found by the next watch', async () => {
  const store = createMemoryStore();
  const log = await createTestLog({ store, queueEvents: 1, queueTimeout: 50 });
  const { watch } = await watching({ docker, log, resources: false });
  const release = holdUp(log);
  const ids = Array.from({ length: 5 }, () => engine.live());
  await until(() => watch.stats().received === 20);
  const stopped = watch.stop();
  await until(() => watch.stats().failed > 0);
  release();
  await stopped;
  expect(watch.stats()).toMatchObject({ state: 'stopped', queued: 0 });
  await log.close();

  const next = await watching({ docker, log: await createTestLog({ store: store.reopen() }) });
  await next.recorded(ids.at(-1)!, 'container.destroy');
  const [gap] = await next.entries('log.gap');
  expect(gap!.data).toMatchObject({ reasons: { 'docker-refused': expect.any(Number) } });
  const entries = await next.end();
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  for (const id of ids) {
    const types = typesOf(await next.of(id));
    expect(types.sort(), id).toEqual([...CHAIN].sort());
  }
});

it('however often something may be missing, one comparison at a time makes up for it', async () => {
  const { watch, recorded, end } = await watching({ docker, settle: 0 });
  let lists = 0;
  let listedAt = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  engine.intercept(async ({ pathname }) => {
    if (pathname !== '/containers/json') return undefined;
    lists++;
    listedAt = performance.now();
    await held;
    return undefined;
  });
  for (let round = 1; round <= 20; round++) {
    engine.babble('no message');
    engine.live();
    await until(() => watch.stats().gaps >= round);
  }
  const silent = engine.stay({ silently: true });
  release();
  await recorded(silent, 'container.create');
  await until(() => performance.now() - listedAt > 500);
  await end();
  // One was under way, one makes up for all that was told meanwhile; each may look twice.
  expect(lists).toBeLessThanOrEqual(6);
});

it('a listener that rejects harms nobody', async () => {
  const { watch, recorded, end, errors } = await watching({ docker });
  watch.on('recorded', async () => {
    throw new Error('its own matter');
  });
  const id = engine.live();
  await recorded(id, 'container.destroy');
  await end();
  expect(errors).toEqual([]);
});

it.each([
  ['is being asked who it is', '/info'],
  ['is being asked for its events', '/events'],
  ['is being asked for its containers', '/containers/json'],
])('a watch of an engine that %s and does not answer can be stopped', async (_what, hanging) => {
  let asked = false;
  const silence = new Promise<never>(() => {});
  engine.intercept(({ pathname }) => {
    if (pathname !== hanging) return undefined;
    asked = true;
    return silence;
  });
  // Never, as far as this test goes.
  const { watch, end } = await beginWatching({ docker, answerTimeout: 600_000 });
  await until(() => asked);
  await end();
  await expect(watch.ready()).rejects.toThrow('stopped');
});

it('a container whose inspection does not end is recorded when the watch is stopped', async () => {
  const { watch, end, of } = await watching({ docker, answerTimeout: 600_000, resources: false });
  const silence = new Promise<never>(() => {});
  engine.intercept(({ pathname }) => (pathname.endsWith('/json') ? silence : undefined));
  const id = engine.stay();
  await until(() => watch.stats().received === 2);
  await end();
  const [create, start] = await of(id);
  expect(create!.data).toMatchObject({
    inspected: false,
    gone: false,
    reason: expect.stringContaining('stopped'),
  });
  expect(start!.type).toBe('container.start');
});

it('a comparison that fails with its connection does not cost the next connection', async () => {
  const { watch, recorded, end, errors } = await watching({ docker });
  const before = engine.live();
  await recorded(before, 'container.destroy');
  let asked = 0;
  let fail = (_status: number) => {};
  const failure = new Promise<number>((resolve) => {
    fail = resolve;
  });
  engine.intercept(({ pathname }) => {
    if (pathname !== '/containers/json') return undefined;
    return asked++ === 0 ? failure : undefined;
  });
  engine.babble('no message');
  engine.live();
  await until(() => asked === 1);
  engine.restart();
  await until(() => watch.stats().connections === 2 && watch.stats().gaps === 2);
  fail(500);
  await until(() => watch.stats().state === 'watching');
  expect(watch.stats().connections).toBe(2);
  expect(errors).toEqual([]);
  await end();
});
