import { createMemoryStore } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import type Docker from 'dockerode';
import { beforeEach, expect, it } from 'vitest';
import { type ScriptedEngine, scripted } from './support/scripted-engine.ts';
import { typesOf, until, watching } from './support/watching.ts';

const CHAIN = ['container.create', 'container.start', 'container.die', 'container.destroy'];

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
