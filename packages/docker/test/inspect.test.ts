import type { Entry } from '@audit/core';
import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import {
  createContainer,
  describeEngine,
  engineAddress,
  engineClient,
  uniqueName,
} from './support/engine.ts';
import { watching } from './support/watching.ts';

type Host = Docker.HostConfig & { UTSMode?: string };

describeEngine('what a container is allowed to do', () => {
  const docker = engineClient();

  const createEntry = async (host: Host, options: Docker.ContainerCreateOptions = {}): Promise<Entry> => {
    const { recorded, end } = await watching({ docker });
    const container = await createContainer(docker, ['true'], {
      name: uniqueName('risk'),
      HostConfig: host,
      ...options,
    });
    const [entry] = await recorded(container.id, 'container.create');
    await container.remove({ force: true });
    await end();
    return entry!;
  };
  const risks = (entry: Entry) => (entry.data!.risks as unknown as { id: string; severity: string }[]) ?? [];
  const grave = (entry: Entry) =>
    risks(entry)
      .filter(({ severity }) => severity !== 'low')
      .map(({ id, severity }) => `${id} ${severity}`);

  it('is told of a privileged container', async () => {
    const entry = await createEntry({ Privileged: true });
    expect(entry).toMatchObject({ level: 'security', data: { privileged: true } });
    expect(grave(entry)).toEqual([
      'CIS-5.5 critical',
      ...Array(grave(entry).length - 1).fill(expect.anything()),
    ]);
  });

  it('is told of the socket of the engine, the root of the host, and other folders of it', async () => {
    const socket = engineAddress!.replace('unix://', '');
    const entry = await createEntry({
      Binds: [`${socket}:/var/run/docker.sock:ro`, '/:/host', '/etc:/config:ro', '/opt:/opt:ro'],
    });
    expect(entry.level).toBe('security');
    expect(grave(entry)).toEqual(['CIS-5.32 critical', 'CIS-5.6 critical', 'CIS-5.6 high']);
    const mounts = entry.data!.mounts as unknown as { destination: string }[];
    expect(mounts.find(({ destination }) => destination === '/var/run/docker.sock')).toMatchObject({
      sensitive: 'docker.sock',
      readOnly: true,
    });
    expect(mounts.find(({ destination }) => destination === '/host')).toMatchObject({
      sensitive: '/',
      source: '/',
    });
    expect(mounts.find(({ destination }) => destination === '/opt')).not.toHaveProperty('sensitive');
  });

  it('is told of capabilities, namespaces, devices and what is unconfined', async () => {
    const entry = await createEntry({
      CapAdd: ['SYS_ADMIN', 'CHOWN'],
      CapDrop: ['NET_RAW'],
      PidMode: 'host',
      IpcMode: 'host',
      NetworkMode: 'host',
      UTSMode: 'host',
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
      Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/x', CgroupPermissions: 'rwm' }],
    });
    expect(entry).toMatchObject({
      level: 'security',
      data: {
        capDrop: ['NET_RAW'],
        pidMode: 'host',
        ipcMode: 'host',
        networkMode: 'host',
        devices: [{ path: '/dev/null', permissions: 'rwm' }],
      },
    });
    expect(grave(entry).sort()).toEqual(
      [
        ...[
          'CIS-5.4 high',
          'CIS-5.4 medium',
          'CIS-5.16 high',
          'CIS-5.17 high',
          'CIS-5.10 high',
          'CIS-5.21 medium',
        ],
        // The engine itself takes SELinux labels off where it shares processes or IPC.
        ...['CIS-5.22 high', 'CIS-5.2 high', 'CIS-5.18 high', 'CIS-5.3 medium'],
      ].sort(),
    );
  });

  it('is told of limits that are missing, and not of those that are there', async () => {
    const loose = await createEntry({});
    expect(loose.level).toBe('info');
    const missing = ['CIS-4.1', 'CIS-5.11', 'CIS-5.12', 'CIS-5.13', 'CIS-5.26', 'CIS-5.29'];
    expect(risks(loose).map(({ id }) => id)).toEqual(expect.arrayContaining(missing));
    const tight = await createEntry(
      {
        ...{ Memory: 32 << 20, NanoCpus: 250_000_000, PidsLimit: 10, ReadonlyRootfs: true },
        ...{ SecurityOpt: ['no-new-privileges'], CapDrop: ['ALL'] },
      },
      { User: '1000:1000' },
    );
    expect(risks(tight)).toEqual([]);
    expect(tight.data).toMatchObject({
      user: '1000:1000',
      readonlyRootfs: true,
      limits: { memory: 32 << 20, cpus: 0.25, pids: 10 },
    });
  });
});
