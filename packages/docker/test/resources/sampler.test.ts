import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { DockerClient } from '../../src/docker-client.ts';
import { Sampler, type SamplerOptions } from '../../src/resources/sampler.ts';
import { clientOf, createContainer, describeEngine, engineClient, uniqueName } from '../support/engine.ts';
import { silentEngine } from './silent-engine.ts';

/** Containers that run until the test is over. */
async function containers(count: number): Promise<string[]> {
  const docker = engineClient();
  const made = await Promise.all(
    Array.from({ length: count }, () =>
      createContainer(docker, ['sleep', '1000'], { name: uniqueName('sampled') }),
    ),
  );
  onTestFinished(async () => {
    await Promise.all(made.map((container) => container.remove({ force: true })));
  });
  await Promise.all(made.map((container) => container.start()));
  return made.map(({ id }) => id);
}

/** A sampler that counts what it is given, over a client that counts what is asked of it at one time. */
function counting(
  options: Partial<SamplerOptions>,
  docker: Pick<DockerClient, 'getContainer'> = engineClient(),
) {
  const taken = new Map<string, number>();
  const warnings: string[] = [];
  const asked = { now: 0, most: 0, all: 0 };
  const counted: Pick<DockerClient, 'getContainer'> = {
    getContainer(id) {
      const container = docker.getContainer(id);
      const stats = container.stats.bind(container);
      container.stats = async (what) => {
        asked.all++;
        asked.most = Math.max(asked.most, ++asked.now);
        try {
          return await stats(what);
        } finally {
          asked.now--;
        }
      };
      return container;
    },
  };
  const sampler = new Sampler({
    ...{ docker: counted, sampleInterval: 100, samplesPerSecond: 20, samplesInFlight: 4 },
    now: () => performance.now(),
    warn: ({ message }) => warnings.push(message),
    take: (id) => {
      taken.set(id, (taken.get(id) ?? 0) + 1);
      return false;
    },
    ...options,
  });
  onTestFinished(() => sampler.stop());
  return { sampler, taken, warnings, asked };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

describeEngine('a sampler', () => {
  it('lets containers take turns where they are more than may be asked about, and asks about few at a time', async () => {
    const ids = await containers(12);
    const { sampler, taken, asked } = counting({});
    for (const id of ids) sampler.add(id);
    await until(() => ids.every((id) => (taken.get(id) ?? 0) >= 2));
    const counts = [...taken.values()];
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(asked.most).toBeLessThanOrEqual(4);
    expect(sampler.failed).toBe(0);
  });

  it('asks no more often than it may', async () => {
    const ids = await containers(6);
    const { sampler, asked } = counting({ samplesPerSecond: 2, samplesInFlight: 100 });
    const began = performance.now();
    for (const id of ids) sampler.add(id);
    await until(() => asked.all >= 8);
    // What the bucket holds at first, and what has run into it since.
    expect(asked.all).toBeLessThanOrEqual(2 + ((performance.now() - began) / 1_000) * 2);
  });

  it('looks first at containers that are over a limit', async () => {
    const [tense = '', ...others] = await containers(8);
    const taken = new Map<string, number>();
    const { sampler } = counting({
      samplesPerSecond: 4,
      take: (id) => {
        taken.set(id, (taken.get(id) ?? 0) + 1);
        return id === tense;
      },
    });
    const counts = () => others.map((id) => taken.get(id) ?? 0);
    for (const id of [tense, ...others]) sampler.add(id);
    await until(() => counts().every((count) => count >= 3));
    expect(taken.get(tense)).toBeGreaterThanOrEqual(Math.max(...counts()) + 2);
  });

  it('forgets nobody where many are over a limit', async () => {
    const [calm = '', ...tense] = await containers(8);
    const taken = new Map<string, number>();
    const { sampler } = counting({
      samplesPerSecond: 4,
      take: (id) => {
        taken.set(id, (taken.get(id) ?? 0) + 1);
        return id !== calm;
      },
    });
    for (const id of [...tense, calm]) sampler.add(id);
    await until(() => (taken.get(calm) ?? 0) >= 2);
    expect(tense.every((id) => taken.has(id))).toBe(true);
  });

  it('does not ask about a container any more that was removed from it', async () => {
    const [gone = '', kept = ''] = await containers(2);
    const { sampler, taken } = counting({});
    sampler.add(gone);
    sampler.add(kept);
    await until(() => taken.has(gone));
    sampler.remove(gone);
    const before = taken.get(gone);
    await until(() => (taken.get(kept) ?? 0) >= 3);
    expect(taken.get(gone)).toBe(before);
  });

  it('says once that the engine is away, and goes on when it is back', async () => {
    const [id = ''] = await containers(1);
    const away = clientOf('unix:///nonexistent/docker.sock');
    const here = engineClient();
    let isAway = true;
    const docker = { getContainer: (name: string) => (isAway ? away : here).getContainer(name) };
    const { sampler, taken, warnings } = counting({}, docker);
    sampler.add(id);
    await until(() => sampler.failed >= 3);
    expect(warnings).toEqual([expect.stringMatching(/^Resources of containers cannot be read: .*ENOENT/)]);
    isAway = false;
    await until(() => (taken.get(id) ?? 0) >= 1);
    expect(warnings).toHaveLength(1);
  });
});

it('a sampler gives up an answer that does not come, and asks again', async () => {
  const options = { answerTimeout: 200, samplesInFlight: 1 };
  const { sampler, asked, warnings } = counting(options, await silentEngine());
  sampler.add('a');
  sampler.add('b');
  await until(() => sampler.failed >= 3);
  expect(asked.most).toBe(1);
  expect(warnings).toHaveLength(1);
});
