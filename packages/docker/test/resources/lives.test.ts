import type { AuditEvent } from '@audit/core';
import { expect, it, onTestFinished } from 'vitest';
import { ResourceMonitor } from '../../src/resources/monitor.ts';

const ID = 'a'.repeat(64);
const HOUR = 3_600_000;

/** A monitor that is told of lives and measures nothing; `advance` is its clock. */
function told(restarts = '2/10m') {
  const events: AuditEvent[] = [];
  let time = 0;
  const off = { memory: 'off', cpu: 'off', pids: 'off' } as const;
  const monitor = new ResourceMonitor({
    docker: {
      getContainer() {
        throw new Error('nothing is measured, and nothing is done');
      },
    },
    options: { ...off, restarts },
    emit: (event) => events.push(event),
    now: () => time,
  });
  onTestFinished(() => monitor.stop());
  return {
    ...{ monitor, events },
    advance(milliseconds: number) {
      time += milliseconds;
    },
    start(at: number) {
      monitor.containerStarted({ container: { id: ID }, startedAt: new Date(at) });
    },
    end(at: number) {
      monitor.containerEnded(ID, { at: new Date(at) });
    },
  };
}

it('one life that is told again and again is no restart, also by an engine whose clock is ahead', () => {
  const { monitor, events, advance, start } = told('1/10m');
  const at = Date.now() + HOUR;
  for (let round = 0; round < 10; round++) {
    start(at + (round % 2) * 40);
    advance(60_000);
  }
  expect(events).toEqual([]);
  expect(monitor.stats()).toMatchObject({ containers: 1, open: 0 });
});

it('a list that comes after the end of what it tells starts nothing', () => {
  const { monitor, events, start, end } = told();
  const at = Date.now() - HOUR;
  start(at);
  end(at + 500);
  for (let round = 0; round < 5; round++) start(at - 30);
  expect(monitor.stats().containers).toBe(0);
  expect(events).toEqual([]);
});

it('lives that follow each other within a second are restarts', () => {
  const { events, start, end } = told();
  const at = Date.now();
  for (let life = 0; life < 3; life++) {
    start(at + life * 200);
    end(at + life * 200 + 100);
  }
  expect(events.map(({ data }) => [data?.resource, data?.phase, data?.observed])).toEqual([
    ['restarts', 'opened', 2],
  ]);
});

it('a life whose end was missed counts when the next is told', () => {
  const { monitor, events, advance, start } = told();
  const at = Date.now();
  for (let life = 0; life < 3; life++) {
    start(at + life * 60_000);
    advance(60_000);
  }
  expect(events).toHaveLength(1);
  expect(monitor.stats().containers).toBe(1);
});

it('an OOM kill that only the end shows is one, and its message that comes late is not another', () => {
  const { monitor, events } = told();
  const container = { id: ID, name: 'greedy' };
  monitor.containerStarted({ container, startedAt: new Date(), memoryLimit: 1_024 });
  monitor.containerEnded(ID, { oomKilled: true });
  const phases = () => events.map(({ data }) => [data?.phase, data?.limit, data?.kills]);
  const once = [
    ['opened', 1_024, 1],
    ['closed', 1_024, 1],
  ];
  expect(phases()).toEqual(once);
  monitor.oom(ID);
  expect(phases()).toEqual(once);
});
