// The service on a real engine: what containers do becomes entries, once each, over restarts and kills.
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createContainer,
  describeEngine,
  engineAddress,
  engineClient,
  uniqueName,
} from '../../../packages/docker/test/support/engine.ts';
import { readExposition, valueIn } from '../../../packages/policy/test/support/prometheus.ts';
import { entriesOf, expectIntact } from './support/log.ts';
import { Place } from './support/service.ts';

describeEngine('the watcher on a real engine', () => {
  let place: Place;
  const docker = engineAddress === null ? (undefined as never) : engineClient();
  beforeEach(() => {
    place = new Place();
    place.policy({ integrations: { docker: { engines: { real: { host: engineAddress } } } } });
  });
  afterEach(() => place.remove());

  /** The whole life of a container of this name. */
  async function live(name: string): Promise<void> {
    const container = await createContainer(docker, ['sh', '-c', 'exit 3'], { name });
    await container.start();
    await container.wait();
    await container.remove();
  }

  /** Types of the entries about the container of this name, in order. */
  function typesOf(name: string): readonly string[] {
    return entriesOf(place.log)
      .filter(({ resource }) => resource.name === name)
      .map(({ type }) => type);
  }

  const LIFE = ['container.create', 'container.start', 'container.die', 'container.destroy'];

  test('prints each entry as it is recorded, and counts it', async () => {
    const service = place.run({ args: ['--print'] });
    expect(await service.readiness(200)).toBe(`log: ok\nengine real (${engineAddress}): ok\n`);
    const name = uniqueName();
    await live(name);
    await service.printed(new RegExp(`container.destroy +success  real destroy: container ${name}`));
    const metrics = (await service.get('/metrics')).text;
    const { status, stdout, stderr } = await service.stop();
    expect(status).toBe(0);

    const printed = stdout.split('\n').filter((line) => line.includes(name));
    expect(printed.map((line) => line.split(/ +/).filter(Boolean)[3])).toEqual(LIFE);
    expect(printed[2]).toMatch(
      /^ +\d+ \d\d:\d\d:\d\d warning {2}container.die +failure {2}real die: container \S+ exitCode=3/,
    );
    // Standard output is the entries, all else is told beside.
    expect(
      stdout
        .split('\n')
        .slice(0, -1)
        .every((line) => /^ *\d+ \d\d:\d\d:\d\d \w+ +[a-z]+\./.test(line)),
    ).toBe(true);
    expect(stderr).toContain(`Engine real (${engineAddress}, version `);
    expect(stderr).toMatch(/SIGTERM: stopping\..*\nStopped; the log has \d+ entries\.\n$/);

    for (const type of LIFE) {
      expect(valueIn(metrics, 'audit_docker_entries_total', { engine: 'real', type })).toBeGreaterThanOrEqual(
        1,
      );
    }
    expect(valueIn(metrics, 'audit_docker_connected', { engine: 'real' })).toBe(1);
    expect(valueIn(metrics, 'audit_docker_reconnects_total', { engine: 'real' })).toBe(0);
    expect(typesOf(name)).toEqual(LIFE);
    await expectIntact(place.log);
  });

  test('goes on where it stopped: what happened meanwhile is recorded, once', async () => {
    const [before, during, after] = [uniqueName('before'), uniqueName('during'), uniqueName('after')];
    const first = place.run({ args: ['--print'] });
    await first.readiness(200);
    await live(before);
    await first.printed(new RegExp(`container.destroy .*${before}`));
    expect((await first.stop()).status).toBe(0);

    await live(during);
    const second = place.run({ args: ['--print'] });
    await second.readiness(200);
    await live(after);
    await second.printed(new RegExp(`container.destroy .*${after}`));
    expect((await second.stop()).status).toBe(0);

    for (const name of [before, during, after]) expect(typesOf(name), name).toEqual(LIFE);
    await expectIntact(place.log);
  });

  test('is killed at any moment, and the next one goes on: nothing twice, nothing missing', async () => {
    const names: string[] = [];
    for (let round = 0; round < 3; round++) {
      const service = place.run({ args: ['--print'] });
      await service.readiness(200);
      const name = uniqueName(`round${round}`);
      names.push(name);
      const life = live(name);
      await service.printed(new RegExp(`container.create .*${name}`));
      service.child.kill('SIGKILL');
      expect((await service.ended).signal).toBe('SIGKILL');
      await life;
    }
    const last = place.run({ args: ['--print'] });
    await last.readiness(200);
    const name = uniqueName('last');
    await live(name);
    await last.printed(new RegExp(`container.destroy .*${name}`));
    expect((await last.stop()).status).toBe(0);
    for (const each of [...names, name]) expect(typesOf(each), each).toEqual(LIFE);
    await expectIntact(place.log);
  });

  test('loses nothing of a burst when it is stopped in the middle of it', async () => {
    const service = place.run({ args: ['--print'] });
    await service.readiness(200);
    const names = Array.from({ length: 20 }, (_, index) => uniqueName(`burst${index}`));
    const lives = Promise.all(names.map(live));
    await service.printed(/container\.start/);
    const { status } = await service.stop();
    expect(status).toBe(0);
    await expectIntact(place.log);
    await lives;
    const next = place.run();
    await next.readiness(200);
    expect((await next.stop()).status).toBe(0);
    for (const name of names) expect(typesOf(name), name).toEqual(LIFE);
    await expectIntact(place.log);
  });

  test('goes on where it stopped also where it had seen nothing yet', async () => {
    const first = place.run();
    await first.readiness(200);
    expect((await first.stop()).status).toBe(0);
    const name = uniqueName();
    await live(name);
    const second = place.run();
    await second.readiness(200);
    expect((await second.stop()).status).toBe(0);
    expect(typesOf(name)).toEqual(LIFE);
    await expectIntact(place.log);
  });

  test('every metric has help, type, and a unit in its name', async () => {
    const service = place.run();
    await service.readiness(200);
    const metrics = readExposition((await service.get('/metrics')).text);
    await service.stop();
    expect(metrics.size).toBeGreaterThan(15);
    for (const [name, { help, type }] of metrics) {
      expect(help, name).toMatch(/\.$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(name, name).toMatch(/^(?:audit|process)_[a-z_]+$/);
      if (/bytes|size|memory/.test(help.toLowerCase())) expect(name).toContain('bytes');
      if (/seconds/.test(help.toLowerCase())) expect(name).toContain('seconds');
    }
    await expectIntact(place.log);
  });
});
