import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { createContainer, describeEngine, engineClient, IMAGE, uniqueName } from './support/engine.ts';
import { typesOf, until, watching } from './support/watching.ts';

describeEngine('the events of an engine', () => {
  const docker = engineClient();

  const running = async (options: Docker.ContainerCreateOptions = {}) => {
    const container = await createContainer(docker, ['sleep', '600'], { name: uniqueName(), ...options });
    await container.start();
    return container;
  };
  const exec = async (container: Docker.Container, options: Docker.ExecCreateOptions) => {
    const created = await container.exec({ AttachStdout: true, ...options });
    const stream = await created.start({});
    stream.resume();
    await finished(stream, { writable: false });
  };

  it('name a command that is run inside, redacted, when it starts and when it has ended', async () => {
    const { recorded, end } = await watching({ docker });
    const container = await running();
    await exec(container, {
      Cmd: ['sh', '-c', 'echo --password hunter2hunter API_KEY=abcdefgh1234; exit 4'],
      User: '1000',
      Tty: true,
    });
    const [started, ended] = await recorded(container.id, 'container.exec', 2);
    await container.remove({ force: true });
    const all = await end();
    expect(started).toMatchObject({
      level: 'security',
      outcome: 'unknown',
      data: {
        phase: 'started',
        user: '1000',
        tty: true,
      },
    });
    expect(started!.data).not.toHaveProperty('privileged');
    expect(ended).toMatchObject({ outcome: 'failure', data: { phase: 'ended', exitCode: 4, user: '1000' } });
    expect(ended!.data!.execId).toBe(started!.data!.execId);
    expect(JSON.stringify(started!.data!.command)).toContain('echo --password [REDACTED]');
    expect(JSON.stringify(all)).not.toMatch(/hunter2hunter|abcdefgh1234/);
  });

  it('tell of a privileged command, and of one that could not be started, that it was to start', async () => {
    const { recorded, end } = await watching({ docker });
    const container = await running();
    await exec(container, { Cmd: ['true'], Privileged: true });
    const [privileged] = await recorded(container.id, 'container.exec');
    await exec(container, { Cmd: ['no-such-command'] });
    await until(async () =>
      (await recorded(container.id, 'container.exec')).some(({ data }) =>
        (data!.command as string[]).includes('no-such-command'),
      ),
    );
    await container.remove({ force: true });
    await end();
    expect(privileged!.data).toMatchObject({
      phase: 'started',
      privileged: true,
      risks: [{ id: 'CIS-5.23', severity: 'high' }],
    });
  });

  it('tell signals by name, an out-of-memory kill, and a restart', async () => {
    const { recorded, of, end } = await watching({ docker });
    const container = await running();
    await container.kill({ signal: 'SIGUSR1' });
    await container.restart({ t: 0 });
    const eat = async () => {
      const greedy = await createContainer(docker, ['tail', '/dev/zero'], {
        name: uniqueName('greedy'),
        HostConfig: { Memory: 16 << 20, MemorySwap: 16 << 20 },
      });
      await greedy.start();
      await greedy.wait();
      const [died] = await recorded(greedy.id, 'container.die');
      await greedy.remove();
      return { greedy, died: died! };
    };
    let { greedy, died: oom } = await eat();
    // An engine that is busy does not tell of some kills: these can only be suspected.
    for (let tries = 1; oom.data!.oomKilled !== true && tries < 20; tries++) {
      expect(oom.data).toMatchObject({ exitCode: 137, oomSuspected: true });
      ({ greedy, died: oom } = await eat());
    }
    await container.remove({ force: true });
    await recorded(greedy.id, 'container.destroy');
    await end();
    expect(oom).toMatchObject({
      level: 'warning',
      outcome: 'failure',
      data: { exitCode: 137, oomKilled: true },
    });
    const entries = await of(container.id);
    expect(entries.find(({ type }) => type === 'container.kill')).toMatchObject({
      level: 'security',
      data: { signal: 'SIGUSR1' },
    });
    expect(typesOf(entries).filter((type) => type === 'container.start')).toHaveLength(2);
    expect(typesOf(entries)).toContain('container.restart');
    expect(typesOf(entries)).toContain('container.stop');
    expect(entries.filter(({ type }) => type === 'container.die')[0]!.data).toMatchObject({
      oomKilled: false,
    });
    // The violation belongs to the watch over resources, and is one.
    const violations = (await of(greedy.id)).filter(({ type }) => type === 'resource.violation');
    expect(violations.filter(({ data }) => data!.phase === 'opened')).toHaveLength(1);
    expect(violations[0]).toMatchObject({ level: 'critical', data: { engine: { seenBy: 'event' } } });
  });

  it('of a container that is restarted again and again are each recorded once', async () => {
    const { recorded, of, end } = await watching({ docker });
    const container = await createContainer(docker, ['sh', '-c', 'exit 1'], {
      name: uniqueName('loop'),
      HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    });
    await container.start();
    await recorded(container.id, 'container.die', 4);
    await container.remove({ force: true });
    await recorded(container.id, 'container.destroy');
    await end();
    const entries = await of(container.id);
    const count = (type: string) => entries.filter((entry) => entry.type === type).length;
    expect([count('container.create'), count('container.start'), count('container.die')]).toEqual([1, 4, 4]);
    for (const { type, data } of entries)
      if (type === 'container.die') expect(data).toMatchObject({ exitCode: 1 });
    expect(entries[0]!.data).toMatchObject({ restartPolicy: 'on-failure:3' });
  });

  it('hold values of environment variables only where they are asked for, and no secret then', async () => {
    const { recorded, end } = await watching({ docker, environmentValues: true });
    const container = await running({ Env: ['MODE=test', 'DB_PASSWORD=hunter22hunter'] });
    const [create] = await recorded(container.id, 'container.create');
    await container.remove({ force: true });
    const all = await end();
    expect(create!.data!.environment).toEqual(['MODE=test', 'DB_PASSWORD=[REDACTED]', 'PATH=/bin']);
    expect(JSON.stringify(all)).not.toContain('hunter22');
  });

  it('say what was before and after a rename and an update, and that it was paused', async () => {
    const { recorded, of, end } = await watching({ docker });
    const name = uniqueName();
    const container = await running({ name, HostConfig: { Memory: 32 << 20, MemorySwap: 64 << 20 } });
    await container.rename({ name: `${name}-2` });
    await container.update({ Memory: 48 << 20, MemorySwap: 96 << 20, RestartPolicy: { Name: 'always' } });
    await container.pause();
    await container.unpause();
    await container.remove({ force: true });
    await recorded(container.id, 'container.destroy');
    await end();
    const entries = await of(container.id);
    const one = (type: string) => entries.find((entry) => entry.type === type)!;
    expect(one('container.rename').data).toMatchObject({ before: name, after: `${name}-2` });
    expect(one('container.update').data).toMatchObject({
      before: { limits: { memory: 32 << 20 }, restartPolicy: 'no' },
      after: { limits: { memory: 48 << 20 }, restartPolicy: 'always' },
    });
    expect(typesOf(entries)).toEqual(expect.arrayContaining(['container.pause', 'container.unpause']));
    expect(one('container.destroy').resource.name).toBe(`${name}-2`);
  });

  it('of a health check are its findings, and not its probes', async () => {
    const { recorded, of, end, watch } = await watching({ docker });
    const container = await running({
      Healthcheck: { Test: ['CMD-SHELL', 'test ! -e /tmp/ill'], Interval: 1e9, Timeout: 1e9, Retries: 1 },
    });
    await recorded(container.id, 'container.health');
    await exec(container, { Cmd: ['touch', '/tmp/ill'] });
    const [healthy, unhealthy] = await recorded(container.id, 'container.health', 2);
    await container.remove({ force: true });
    await recorded(container.id, 'container.destroy');
    await end();
    expect(healthy).toMatchObject({ level: 'info', outcome: 'success', data: { health: 'healthy' } });
    expect(unhealthy).toMatchObject({ level: 'warning', outcome: 'failure', data: { health: 'unhealthy' } });
    const execs = (await of(container.id)).filter(({ type }) => type === 'container.exec');
    expect(execs.map(({ data }) => data!.command)).toEqual([
      ['touch', '/tmp/ill'],
      ['touch', '/tmp/ill'],
    ]);
    expect(watch.stats().ignored).toBeGreaterThan(0);
  });

  it('cannot be forged by labels of the same name', async () => {
    const { recorded, end } = await watching({ docker });
    const labels = { exitCode: '0', signal: '0', execID: 'abc', name: 'other', image: 'other' };
    const container = await createContainer(docker, ['sh', '-c', 'exit 6'], {
      name: uniqueName(),
      Labels: labels,
    });
    await container.start();
    await container.wait();
    const [die] = await recorded(container.id, 'container.die');
    await container.remove();
    const unlucky = await running({ Labels: labels });
    await unlucky.kill();
    const [kill] = await recorded(unlucky.id, 'container.kill');
    await unlucky.remove({ force: true });
    await end();
    expect(die).toMatchObject({
      level: 'warning',
      outcome: 'failure',
      data: { exitCode: 6, hiddenByLabels: ['exitCode'], container: { image: IMAGE } },
    });
    expect(kill!.data).toMatchObject({ hiddenByLabels: ['signal'] });
    expect(kill!.data).not.toHaveProperty('signal');
  });

  it('of images, networks and volumes are recorded, with the container they concern', async () => {
    const { recorded, entries, end, log } = await watching({ docker });
    const volume = uniqueName('volume');
    const tag = uniqueName('tag');
    await docker.getImage(IMAGE).tag({ repo: 'audit-test/tagged', tag });
    await docker.getImage(`audit-test/tagged:${tag}`).remove();
    const network = await docker.createNetwork({ Name: uniqueName('network'), Driver: 'bridge' });
    await docker.createVolume({ Name: volume });
    const container = await createContainer(docker, ['sleep', '600'], {
      name: uniqueName(),
      HostConfig: { Binds: [`${volume}:/data:ro`] },
    });
    await network.connect({ Container: container.id });
    await container.start();
    await network.disconnect({ Container: container.id, Force: true });
    await container.remove({ force: true });
    await docker.getVolume(volume).remove();
    await network.remove();
    await recorded(container.id, 'container.destroy');
    await until(async () => (await entries('network.destroy')).length > 0);
    await end();
    expect(log.health().lost).toEqual({});
    const [tagged] = await entries('image.tag');
    expect(tagged).toMatchObject({
      resource: { type: 'image', id: `audit-test/tagged:${tag}` },
      data: { digest: expect.stringMatching(/^sha256:/) },
    });
    expect((await entries('image.untag')).length).toBe(1);
    expect(typesOf(await entries('network.*'))).toEqual(
      expect.arrayContaining(['network.create', 'network.connect', 'network.disconnect', 'network.destroy']),
    );
    expect((await entries('network.connect'))[0]!.data).toMatchObject({
      driver: 'bridge',
      networkId: network.id,
      container: { id: container.id, image: IMAGE },
    });
    const volumes = (await entries('volume.*')).filter(({ resource }) => resource.id === volume);
    // The engine says `create` once more when a container asks for the volume.
    expect(typesOf(volumes).slice(-2)).toEqual(['volume.mount', 'volume.destroy']);
    expect(typesOf(volumes)[0]).toBe('volume.create');
    expect(volumes.find(({ type }) => type === 'volume.mount')!.data).toMatchObject({
      destination: '/data',
      readOnly: true,
      container: { id: container.id },
    });
  });

  it('that take files out of a container, or bring some in, are recorded', async () => {
    const { recorded, end } = await watching({ docker });
    const container = await running();
    const archive = await container.getArchive({ path: '/etc' });
    archive.resume();
    await finished(archive as NodeJS.ReadableStream, { writable: false });
    const whole = await container.export();
    whole.resume();
    await finished(whole, { writable: false });
    const [copy] = await recorded(container.id, 'container.copy');
    await recorded(container.id, 'container.export');
    await container.remove({ force: true });
    await end();
    expect(copy).toMatchObject({ level: 'security', category: 'container', data: { direction: 'out' } });
  });

  it('of kinds that nobody asked for are left out', async () => {
    const { recorded, entries, end } = await watching({ docker, events: ['container'], resources: false });
    const volume = await docker.createVolume({ Name: uniqueName('volume') });
    await volume.remove();
    const container = await running();
    await container.remove({ force: true });
    await recorded(container.id, 'container.destroy');
    await end();
    expect(await entries('volume.*')).toEqual([]);
  });
});
