import { describe, expect, it, onTestFinished } from 'vitest';
import { describeEngine, uniqueName } from '../support/engine.ts';
import { untilOomTold } from '../support/oom.ts';
import { facts, monitored, QUICK, type Violation } from './monitored.ts';

const MIB = 2 ** 20;
const BUSY = ['sh', '-c', 'while :; do :; done'];
/** Holds 24 MiB in shared memory until it is told to let go of them, and stays. */
const HOLD = [
  'sh',
  '-c',
  'trap "rm /dev/shm/held" USR1; dd if=/dev/zero of=/dev/shm/held bs=1M count=24; while :; do sleep 1 & wait $!; done',
];
/** Five sleeps beside the shell. */
const CROWD = ['sh', '-c', 'for i in 1 2 3 4 5; do sleep 1000 & done; wait'];

const closed = (found: readonly Violation[]) => found.some(({ data }) => data.phase === 'closed');
const opened = (found: readonly Violation[]) => found.length > 0;

describeEngine('a violation', () => {
  describe('of memory', () => {
    it('is an OOM kill, told once and critical, and over with the container', async () => {
      const { docker, run, violations } = await monitored();
      const container = await untilOomTold(docker, () =>
        run(['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64M', 'count=1'], {
          HostConfig: { Memory: 16 * MIB, MemorySwap: 16 * MIB },
        }),
      );
      const found = await violations(container, closed);
      expect(found.map(facts)).toEqual([
        { level: 'critical', resource: 'memory', phase: 'opened', action: 'alerted' },
        { level: 'warning', resource: 'memory', phase: 'closed', action: 'alerted', reason: 'ended' },
      ]);
      expect(found[0]?.data).toMatchObject({
        ...{ oomKilled: true, unit: 'bytes', kills: 1, limit: 16 * MIB, observed: 16 * MIB },
      });
    });

    it('is an OOM kill, too, where the container lives on', async () => {
      const { docker, run, monitor, violations } = await monitored();
      const container = await untilOomTold(docker, () =>
        run(['sh', '-c', 'sleep 3; dd if=/dev/zero of=/dev/null bs=64M count=1; sleep 1000'], {
          HostConfig: { Memory: 16 * MIB, MemorySwap: 16 * MIB },
        }),
      );
      const [first] = await violations(container, opened);
      expect(first?.data).toMatchObject({
        ...{ oomKilled: true, limit: 16 * MIB, observed: 16 * MIB, phase: 'opened' },
        container: { id: container.id },
      });
      expect(monitor.stats()).toMatchObject({ open: 1, violations: 1 });
      await container.kill();
      expect(await violations(container, closed)).toHaveLength(2);
    });

    it('is a share of its limit: opened once, closed when the container lets go of it', async () => {
      const { run, violations } = await monitored({ ...QUICK, memory: '60%' });
      const container = await run(HOLD, { HostConfig: { Memory: 32 * MIB } });
      const [first] = await violations(container, opened);
      expect(first?.data).toMatchObject({
        ...{ resource: 'memory', unit: 'bytes', capacity: 32 * MIB, rule: '60%', phase: 'opened' },
        ...{ limit: Math.ceil(0.6 * 32 * MIB), action: 'alerted', policy: 'alert' },
      });
      expect(first?.data.observed).toBeGreaterThanOrEqual(24 * MIB);
      expect(first?.data.observed).toBeLessThanOrEqual(32 * MIB);
      expect(first?.data.sustainedMs).toBeGreaterThanOrEqual(1_000);
      await container.kill({ signal: 'SIGUSR1' });
      const found = await violations(container, closed);
      expect(found.map(facts)).toEqual([
        { level: 'warning', resource: 'memory', phase: 'opened', action: 'alerted' },
        { level: 'warning', resource: 'memory', phase: 'closed', action: 'alerted', reason: 'recovered' },
      ]);
      expect(found[1]?.data.violation).toBe(first?.data.violation);
      expect(found[1]?.data.observed).toBeLessThan(0.6 * 32 * MIB);
      expect(found[1]?.data.peak).toBeGreaterThanOrEqual(24 * MIB);
    });
  });

  it('of CPU is the share of periods in which a container was throttled', async () => {
    const { run, violations } = await monitored();
    const container = await run(BUSY, { HostConfig: { NanoCpus: 1e8 } });
    const [first] = await violations(container, opened);
    expect(first?.data).toMatchObject({ resource: 'cpu', limit: 0.5, unit: 'ratio', phase: 'opened' });
    expect(first?.data.observed).toBeGreaterThan(0.5);
    expect(first?.data.observed).toBeLessThanOrEqual(1);
    await container.kill();
    const found = await violations(container, closed);
    expect(found.map(facts)).toEqual([
      { level: 'warning', resource: 'cpu', phase: 'opened', action: 'alerted' },
      { level: 'warning', resource: 'cpu', phase: 'closed', action: 'alerted', reason: 'ended' },
    ]);
  });

  it('of processes is told at the limit', async () => {
    const { run, violations } = await monitored();
    const container = await run(CROWD, { HostConfig: { PidsLimit: 6 } });
    const [first] = await violations(container, opened);
    expect(first?.data).toMatchObject({
      ...{ resource: 'pids', limit: 6, observed: 6, capacity: 6, unit: 'processes', phase: 'opened' },
    });
  });

  it('of the network is a rate', async () => {
    const { docker, run, violations } = await monitored();
    const network = await docker.createNetwork({ Name: uniqueName('network') });
    const container = await run(
      ['sh', '-c', 'ping -q -s 1400 -A $(ip route | sed -n "s/default via \\([^ ]*\\).*/\\1/p")'],
      { Labels: { 'audit.limits.network': '10k/s' }, HostConfig: { NetworkMode: network.id } },
    );
    onTestFinished(async () => {
      await container.remove({ force: true });
      await network.remove();
    });
    const [first] = await violations(container, opened);
    expect(first?.data).toMatchObject({ resource: 'network', limit: 10_240, unit: 'bytes/s', rule: '10k/s' });
    expect(first?.data.observed).toBeGreaterThan(10_240);
  });

  it('of run time is told from the start of the container', async () => {
    const { run, violations } = await monitored();
    const container = await run(['sleep', '1000'], { Labels: { 'audit.limits.time': '2s' } });
    const [first] = await violations(container, opened);
    expect(first?.data).toMatchObject({ resource: 'time', limit: 2_000, unit: 'ms', rule: '2s' });
    expect(first?.data.observed).toBeGreaterThanOrEqual(2_000);
  });

  it('of restarts is a loop the engine makes, opened once', async () => {
    const { run, violations, monitor } = await monitored({ ...QUICK, restarts: '3/30s' });
    const container = await run(['false'], {
      HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 6 } },
    });
    const [first] = await violations(container, opened);
    expect(first?.data).toMatchObject({
      ...{ resource: 'restarts', limit: 3, observed: 3, unit: 'restarts', windowMs: 30_000 },
    });
    await container.remove({ force: true });
    const found = await violations(container, closed);
    expect(found.map(facts)).toEqual([
      { level: 'warning', resource: 'restarts', phase: 'opened', action: 'alerted' },
      { level: 'warning', resource: 'restarts', phase: 'closed', action: 'alerted', reason: 'removed' },
    ]);
    expect(monitor.stats()).toMatchObject({ open: 0, violations: 1 });
  });

  it('of restarts is over when the container keeps running', async () => {
    const { run, violations } = await monitored({ ...QUICK, restarts: '2/5s' });
    const container = await run(['sleep', '1000']);
    await container.restart({ t: 0 });
    await container.restart({ t: 0 });
    const found = await violations(container, closed);
    expect(found.map(({ data }) => [data.phase, data.observed, data.reason])).toEqual([
      ['opened', 2, undefined],
      ['closed', expect.any(Number), 'recovered'],
    ]);
  });

  it('that is still open is closed when the watch ends', async () => {
    const { run, violations, monitor } = await monitored();
    const container = await run(CROWD, { HostConfig: { PidsLimit: 6 } });
    await violations(container, opened);
    await monitor.stop();
    const found = await violations(container, closed);
    expect(found.map(({ data }) => [data.phase, data.reason])).toEqual([
      ['opened', undefined],
      ['closed', 'unwatched'],
    ]);
  });

  it('is told again at the set pace while it lasts', async () => {
    const { run, violations } = await monitored({ ...QUICK, updateInterval: 1_500 });
    const container = await run(CROWD, { HostConfig: { PidsLimit: 6 } });
    const found = await violations(container, ({ length }) => length >= 3);
    expect(found.map(({ data }) => data.phase)).toEqual(['opened', 'updated', 'updated']);
    const sustained = found.map(({ data }) => data.sustainedMs);
    expect(sustained[1] - sustained[0]).toBeGreaterThanOrEqual(1_500);
    expect(sustained[2] - sustained[1]).toBeGreaterThanOrEqual(1_500);
  });

  it('is none of a container within its limits', async () => {
    const { run, violations, monitor } = await monitored();
    const container = await run(['sleep', '1000'], {
      HostConfig: { Memory: 64 * MIB, PidsLimit: 10, NanoCpus: 1e9 },
    });
    await violations(container, () => monitor.stats().samples >= 5);
    expect(await violations(container, () => true)).toEqual([]);
  });
});

describeEngine('a label', () => {
  it('that says nothing is told once, and the option holds', async () => {
    const { run, violations, warnings } = await monitored();
    const Labels = { 'audit.limits.pids': 'plenty' };
    const HostConfig = { PidsLimit: 6 };
    const [first, second] = [
      await run(CROWD, { Labels, HostConfig }),
      await run(CROWD, { Labels, HostConfig }),
    ];
    await violations(first, opened);
    await violations(second, opened);
    expect(warnings).toEqual([
      expect.stringContaining('Label audit.limits.pids: "plenty" is no limit of pids'),
    ]);
  });

  it('is not read where the options say so', async () => {
    const { run, violations, warnings } = await monitored({ ...QUICK, labels: false });
    const Labels = { 'audit.limits.pids': 'off', 'audit.limits.memory': 'plenty' };
    const container = await run(CROWD, { Labels, HostConfig: { PidsLimit: 6 } });
    await violations(container, opened);
    expect(warnings).toEqual([]);
  });

  it('turns a limit off', async () => {
    const { run, violations, monitor } = await monitored();
    const Labels = { 'audit.limits.pids': 'off' };
    const container = await run(CROWD, { Labels, HostConfig: { PidsLimit: 6 } });
    await violations(container, () => monitor.stats().samples >= 5);
    expect(await violations(container, () => true)).toEqual([]);
  });
});
