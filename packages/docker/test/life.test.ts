import { expect, it } from 'vitest';
import { createContainer, describeEngine, engineClient, uniqueName } from './support/engine.ts';
import { typesOf, watching } from './support/watching.ts';

describeEngine('the life of a container', () => {
  it('is recorded from its creation to its end, each step once', async () => {
    const docker = engineClient();
    const { watch, recorded, of, end, errors } = await watching({ docker, engine: 'test-engine' });
    const name = uniqueName();
    const container = await createContainer(docker, ['sh', '-c', 'exit 3'], {
      name,
      Env: ['DB_PASSWORD=hunter22hunter', 'MODE=test'],
      Labels: { 'com.example.team': 'payments', 'com.example.token': 'abcdefgh12345678' },
      HostConfig: { Memory: 64 << 20, NanoCpus: 500_000_000, PidsLimit: 20 },
    });
    await container.start();
    await container.wait();
    await container.remove();
    await recorded(container.id, 'container.destroy');
    await end();
    const entries = await of(container.id);
    expect(errors).toEqual([]);
    expect(typesOf(entries)).toEqual([
      'container.create',
      'container.start',
      'container.die',
      'container.destroy',
    ]);
    const [create, , die] = entries;
    expect(create).toMatchObject({
      level: 'info',
      outcome: 'success',
      resource: { type: 'container', id: container.id, name },
      data: {
        engine: { name: 'test-engine', seenBy: 'event' },
        container: {
          id: container.id,
          name,
          image: 'audit-test/busybox:1',
          labels: { 'com.example.team': 'payments', 'com.example.token': '[REDACTED]' },
        },
        command: ['sh', '-c', 'exit 3'],
        environment: ['DB_PASSWORD', 'MODE', 'PATH'],
        privileged: false,
        limits: { memory: 64 << 20, cpus: 0.5, pids: 20 },
      },
    });
    expect(create!.data!.container).toHaveProperty('digest', expect.stringMatching(/^sha256:/));
    expect(die).toMatchObject({
      level: 'warning',
      outcome: 'failure',
      data: { exitCode: 3, oomKilled: false },
    });
    expect(JSON.stringify(entries)).not.toMatch(/hunter22|abcdefgh1234/);
    const times = entries.map(({ occurredAt }) => occurredAt!);
    expect([...times].sort()).toEqual(times);
    expect(watch.stats()).toMatchObject({ state: 'stopped', failed: 0, dropped: 0, gaps: 0 });
  });
});
