import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { describeEngine } from '../support/engine.ts';
import { facts, monitored, QUICK, type Violation } from './monitored.ts';

const CROWD = ['sh', '-c', 'for i in 1 2 3 4 5; do sleep 1000 & done; wait'];
const HostConfig: Docker.HostConfig = { PidsLimit: 6 };

const closed = (found: readonly Violation[]) => found.some(({ data }) => data.phase === 'closed');
const acted = (found: readonly Violation[]) =>
  found.some(({ data }) => data.result !== undefined && data.result !== 'pending');

describeEngine('an action', () => {
  it('kills a container over its limit, after telling that it will', async () => {
    const { run, violations, monitor } = await monitored({ ...QUICK, pids: '100% kill' });
    const container = await run(CROWD, { HostConfig });
    const found = await violations(container, closed);
    expect(found.map(facts)).toEqual([
      { level: 'warning', resource: 'pids', phase: 'opened', action: 'none', result: 'pending' },
      { level: 'critical', resource: 'pids', phase: 'updated', action: 'killed', result: 'done' },
      {
        level: 'warning',
        resource: 'pids',
        phase: 'closed',
        action: 'killed',
        result: 'done',
        reason: 'ended',
      },
    ]);
    expect((await container.inspect()).State).toMatchObject({ Running: false, ExitCode: 137 });
    expect(monitor.stats()).toMatchObject({ actions: 1, failedActions: 0, open: 0 });
  });

  it('stops a container over its limit, giving it the time the options say', async () => {
    const { run, violations } = await monitored({ ...QUICK, action: 'stop', stopTimeout: 1 });
    const container = await run(CROWD, { HostConfig });
    const found = await violations(container, closed);
    expect(found.map(({ data }) => [data.phase, data.action, data.result, data.policy])).toEqual([
      ['opened', 'none', 'pending', 'stop'],
      ['updated', 'stopped', 'done', 'stop'],
      ['closed', 'stopped', 'done', 'stop'],
    ]);
    expect((await container.inspect()).State.Running).toBe(false);
  });

  it('pauses a container over its limit by a label of its own', async () => {
    const { run, violations } = await monitored();
    const container = await run(CROWD, { HostConfig, Labels: { 'audit.limits.action': 'pause' } });
    const found = await violations(container, acted);
    expect(found.map(facts)).toEqual([
      { level: 'warning', resource: 'pids', phase: 'opened', action: 'none', result: 'pending' },
      { level: 'warning', resource: 'pids', phase: 'updated', action: 'paused', result: 'done' },
    ]);
    expect((await container.inspect()).State.Paused).toBe(true);
  });

  it('on a container that is paused already says so', async () => {
    const { run, violations } = await monitored();
    const container = await run(['sleep', '1000'], { Labels: { 'audit.limits.time': '3s pause' } });
    await container.pause();
    const found = await violations(container, acted);
    expect(found.at(-1)?.data).toMatchObject({ action: 'paused', result: 'already' });
  });

  it('that fails says why, and is tried again', async () => {
    const { pretend, violations, monitor } = await monitored({ ...QUICK, updateInterval: 1_000 });
    const container = await pretend({ 'audit.limits.time': '1ms pause' });
    const isFailed = ({ level }: Violation) => level === 'error';
    const found = await violations(container, (all) => all.filter(isFailed).length >= 3);
    expect(found.find(isFailed)).toMatchObject({
      data: { action: 'none', result: 'failed', policy: 'pause', phase: 'updated' },
      error: { code: '409', message: expect.stringContaining('is not running') },
    });
    expect(monitor.stats().failedActions).toBeGreaterThanOrEqual(2);
  });

  it('on a container that is gone meanwhile fails, and the entry says so', async () => {
    const { pretend, violations, monitor } = await monitored();
    const container = await pretend({ 'audit.limits.time': '1ms kill' });
    await container.remove();
    await violations(container, acted);
    monitor.containerEnded(container.id);
    const found = await violations(container, closed);
    expect(found.map(facts)).toEqual([
      { level: 'warning', resource: 'time', phase: 'opened', action: 'none', result: 'pending' },
      { level: 'error', resource: 'time', phase: 'updated', action: 'none', result: 'failed' },
      {
        level: 'warning',
        resource: 'time',
        phase: 'closed',
        action: 'none',
        result: 'failed',
        reason: 'ended',
      },
    ]);
    expect(found[1]?.error).toMatchObject({
      code: '404',
      message: expect.stringContaining('No such container'),
    });
    expect(monitor.stats()).toMatchObject({ actions: 1, failedActions: 1 });
  });

  it.each([
    ['an option', { protect: ['resources-*'] }, {}],
    ['a label', {}, { 'audit.limits.protect': 'true' }],
  ])('is never taken on a container that is protected by %s', async (_by, options, Labels) => {
    const { run, violations, monitor } = await monitored({ ...QUICK, action: 'kill', ...options });
    const container = await run(CROWD, { HostConfig, Labels });
    const [first] = await violations(container, acted);
    expect(first?.data).toMatchObject({
      phase: 'opened',
      action: 'none',
      result: 'protected',
      policy: 'kill',
    });
    await violations(container, () => monitor.stats().samples >= 10);
    expect((await container.inspect()).State.Running).toBe(true);
    expect(monitor.stats().actions).toBe(0);
  });
});
