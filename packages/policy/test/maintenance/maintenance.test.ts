// Jobs of one process: in turn, never twice at a time, tried again, and no harm to the log.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AuditLog, Entry } from '@audit/core';
import {
  type JobRun,
  type Maintenance,
  type MaintenanceJob,
  type MaintenanceOptions,
  startMaintenance,
} from '@audit/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exposition } from '../../src/monitoring/exposition.ts';
import { EVENT } from '../effects/logs.ts';
import { Place } from '../support/place.ts';
import { readExposition, valueIn } from '../support/prometheus.ts';

let place: Place;
let log: AuditLog;
let runs: JobRun[];
let heard: () => void;
const handles: Maintenance[] = [];

beforeEach(async () => {
  place = new Place();
  log = await place.open();
  runs = [];
  heard = () => {};
});
afterEach(async () => {
  for (const handle of handles.splice(0)) await handle.stop();
  await place.closeIntact(log);
  place.remove();
});

async function start(
  jobs: readonly MaintenanceJob[],
  more: Partial<MaintenanceOptions> = {},
): Promise<Maintenance> {
  const handle = await startMaintenance({
    ...{ log, jobs, jitter: 0 },
    onRun: (run) => {
      runs.push(run);
      heard();
    },
    ...more,
  });
  handles.push(handle);
  return handle;
}

/** Resolves once so many runs have ended. */
async function ended(count: number): Promise<void> {
  while (runs.length < count) {
    await new Promise<void>((resolve) => {
      heard = resolve;
    });
  }
}

function job(name: string, every: number, run: MaintenanceJob['run'] = async () => null): MaintenanceJob {
  return { name, schedule: { every }, run };
}

describe('jobs', () => {
  test('run at their intervals, one at a time', async () => {
    let running = 0;
    let most = 0;
    const run = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return null;
    };
    const handle = await start([job('a', 20, run), job('b', 30, run), job('c', 3_600_000, run)]);
    await ended(12);
    await handle.stop();
    const names = runs.map(({ name }) => name);
    expect(most).toBe(1);
    expect(names.filter((name) => name === 'c')).toHaveLength(1);
    expect(names.filter((name) => name === 'a').length).toBeGreaterThan(3);
    expect(names.filter((name) => name === 'b').length).toBeGreaterThan(2);
  });

  test('are handed what they came to the last time, over restarts', async () => {
    const seen: unknown[] = [];
    const counting = job('count', 3_600_000, async (_, last) => {
      seen.push(last);
      return { runs: ((last?.runs as number) ?? 0) + 1, at: new Date(0) };
    });
    const first = await start([counting]);
    await first.runNow('count');
    await first.runNow('count');
    await first.stop();
    const second = await start([counting]);
    expect(second.status()).toMatchObject([
      { name: 'count', running: false, failures: 0, result: { runs: 2 } },
    ]);
    await second.runNow('count');
    expect(seen).toEqual([
      null,
      { runs: 1, at: '1970-01-01T00:00:00.000Z' },
      { runs: 2, at: '1970-01-01T00:00:00.000Z' },
    ]);
  });

  test('run when they are asked for; who asks while they run joins', async () => {
    let begun = 0;
    let finish = () => {};
    const slow = job('slow', 3_600_000, () => {
      begun++;
      return new Promise((resolve) => {
        finish = () => resolve(null);
      });
    });
    const handle = await start([slow, job('quick', 3_600_000)]);
    expect(handle.status()[0]).toMatchObject({ running: true });
    while (begun === 0) await new Promise((resolve) => setImmediate(resolve));
    const joined = [handle.runNow('slow'), handle.runNow('slow')];
    const behind = handle.runNow('quick');
    finish();
    expect(await Promise.all(joined)).toMatchObject([{ running: false }, { running: false }]);
    await behind;
    expect(begun).toBe(1);
    await expect(handle.runNow('slwo')).rejects.toThrow('name: there is no job slwo; there are slow, quick');
  });

  test('begin later by chance, at most a tenth of their interval', async () => {
    const begun: number[] = [];
    for (let n = 0; n < 10; n++) {
      rmSync(`${log.info().location}.private/maintenance.json`, { force: true });
      const now = performance.now();
      const handle = await start([job('a', 500)], { jitter: 3_600_000 });
      await ended(n + 1);
      begun.push(performance.now() - now);
      await handle.stop();
    }
    expect(new Set(begun.map(Math.round)).size).toBeGreaterThan(3);
  });
});

describe('a job that fails', () => {
  test('is tried again until it does not; each failure is told, recorded, and part of readiness', async () => {
    let left = 3;
    const flaky = job('flaky', 3_600_000, async () => {
      if (left-- > 0) throw new Error('not yet');
      return { done: true };
    });
    const handle = await start([flaky], { retryMin: 10, retryMax: 20 });
    await ended(1);
    expect(handle.checks()).toEqual([
      {
        ...{ name: 'maintenance', status: 'degraded' },
        reasons: ['flaky failed 1 times in a row (not yet); it is tried again.'],
      },
    ]);
    await ended(4);
    expect(runs.map(({ error }) => error?.message ?? null)).toEqual(['not yet', 'not yet', 'not yet', null]);
    expect(handle.checks()).toEqual([{ name: 'maintenance', status: 'ok', reasons: [] }]);
    expect(handle.status()).toMatchObject([{ failures: 0, error: null, result: { done: true } }]);
    const text = exposition(handle.metrics());
    expect(valueIn(text, 'audit_maintenance_runs_total', { job: 'flaky', outcome: 'failure' })).toBe(3);
    expect(valueIn(text, 'audit_maintenance_runs_total', { job: 'flaky', outcome: 'success' })).toBe(1);
    expect(valueIn(text, 'audit_maintenance_last_success_age_seconds', { job: 'flaky' })).toBeLessThan(60);
    expect(readExposition(text).size).toBe(3);
    await log.flush();
    const told: Entry[] = [];
    for await (const entry of log.entries({ type: 'system.error' })) told.push(entry);
    expect(told).toMatchObject(
      [1, 2, 3].map((failures) => ({
        ...{ operation: 'flaky', level: 'error', outcome: 'failure', error: { message: 'not yet' } },
        data: { failures },
      })),
    );
  });

  test('goes on waiting after a restart', async () => {
    const now = Date.now();
    const failing = job('failing', 1, () => Promise.reject(new Error('no')));
    const first = await start([failing], { clock: { now: () => now } });
    await ended(1);
    await first.stop();
    const second = await start([failing], { clock: { now: () => now + 59_000 } });
    expect(second.status()).toMatchObject([{ running: false, failures: 1, error: 'no' }]);
    await second.stop();
    const third = await start([failing], { clock: { now: () => now + 60_000 } });
    expect(third.status()).toMatchObject([{ running: true }]);
  });

  test.each([
    [
      'throws at once',
      () => {
        throw new Error('at once');
      },
      'at once',
    ],
    ['throws what is no error', () => Promise.reject('text'), 'text'],
    ['comes to what cannot be kept', async () => ({ big: 1n }), /BigInt/],
  ] as const)('because it %s is told like any', async (_, run, message) => {
    await start([job('odd', 3_600_000, run as never)]);
    await ended(1);
    expect(runs[0]!.error?.message).toMatch(message);
    await log.record(EVENT);
  });

  test('and a listener that throws harm nobody', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const handle = await start([job('a', 3_600_000)], {
      onRun: () => {
        throw new Error('mine');
      },
    });
    await handle.runNow('a');
    expect((await warned).message).toContain('mine');
    expect(handle.status()).toMatchObject([{ failures: 0 }]);
  });
});

describe('stop', () => {
  test('aborts the run under way, waits for it, and counts it neither way', async () => {
    let aborted = false;
    const endless = job(
      'endless',
      3_600_000,
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            setTimeout(reject, 20, signal.reason);
          });
        }),
    );
    const handle = await start([endless]);
    while (!handle.status()[0]!.running) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([handle.stop(), handle.stop()]);
    expect(aborted).toBe(true);
    expect(runs).toEqual([]);
    expect(handle.status()).toMatchObject([{ running: false, succeededAt: null, failures: 0 }]);
    const again = await start([job('endless', 3_600_000)]);
    await again.runNow('endless');
    expect(runs).toHaveLength(1);
  });

  test('is not needed for jobs of a closed log to rest', async () => {
    const handle = await start([job('a', 10)]);
    await ended(2);
    await log.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { length } = runs;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(runs).toHaveLength(length);
    await handle.runNow('a');
    expect(runs).toHaveLength(length);
  });
});

describe('what is kept', () => {
  const file = () => `${log.info().location}.private/maintenance.json`;

  test('belongs to one log', async () => {
    mkdirSync(place.path('elsewhere'));
    writeFileSync(place.path('elsewhere/maintenance.json'), '{"origin":"other.example/audit","jobs":{}}');
    await expect(start([job('a', 10)], { stateDirectory: place.path('elsewhere') })).rejects.toMatchObject({
      code: 'MAINTENANCE_STATE',
      message: expect.stringContaining('belongs to the log other.example/audit, not to policy.example/audit'),
    });
    // And nothing stands in the way of the next attempt.
    await start([job('a', 3_600_000)]);
    await ended(1);
  });

  test.each([
    '',
    'nonsense',
    '{}',
    'null',
    '{"origin":"policy.example/audit","jobs":{"a":{"since":"then"}}}',
  ])('counts as nothing where it is %j', async (text) => {
    writeFileSync(file(), text);
    await start([job('a', 3_600_000)]);
    await ended(1);
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ jobs: { a: { failures: 0 } } });
  });

  test('is told of where it cannot be written, and jobs go on', async () => {
    const handle = await start([job('a', 3_600_000)], { stateDirectory: place.path('missing') });
    await handle.runNow('a');
    expect(handle.checks()).toMatchObject([
      { status: 'degraded', reasons: [expect.stringMatching(/What was done cannot be kept \(ENOENT/)] },
    ]);
    await handle.stop();
    writeFileSync(place.path('missing'), '');
    await expect(start([job('a', 10)], { stateDirectory: place.path('missing') })).rejects.toMatchObject({
      code: 'MAINTENANCE_STATE',
    });
  });
});

test.each([
  [[job('a', 10), job('a', 20)], 'jobs: there are two of the name a'],
  [[job('A b', 10)], 'name must be lower-case words with hyphens, got A b'],
  [[job('a', 0)], 'every must be milliseconds'],
])('%# what is wrong with jobs is said', async (jobs, message) => {
  await expect(start(jobs)).rejects.toThrow(message);
});

test('a log is maintained once at a time', async () => {
  const handle = await start([job('a', 3_600_000)]);
  await expect(start([job('b', 10)])).rejects.toThrow('log is maintained already');
  await handle.stop();
  await start([job('b', 3_600_000)]);
  await ended(1);
});
