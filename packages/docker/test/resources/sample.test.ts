import { describe, expect, it } from 'vitest';
import { readSample } from '../../src/resources/sample.ts';
import { fixture } from './fixture.ts';

describe('a sample', () => {
  it('counts memory on cgroup v1 without the page cache of the whole tree', () => {
    const stats = fixture('cgroup-v1');
    expect(readSample(stats)).toEqual({
      at: Date.parse('2026-11-26T23:26:52.695Z'),
      memory: { used: 33_275_904 - 31_457_280, limit: 67_108_864 },
      cpu: { periods: 63, throttled: 55 },
      pids: { current: 2, limit: 20 },
      diskBytes: 0,
      networkBytes: 1_166,
    });
    // What children of its cgroup cache is in the total alone.
    stats.memory_stats.stats.total_inactive_file = 33_000_000;
    expect(readSample(stats)?.memory?.used).toBe(275_904);
  });

  it('counts memory on cgroup v2 without the page cache, and takes 2^64 − 1 for no limit of processes', () => {
    expect(readSample(fixture('cgroup-v2'))).toEqual({
      at: Date.parse('2026-01-16T13:55:22.165Z'),
      memory: { used: 9_998_336 - 6_291_456, limit: 16_777_216 },
      cpu: { periods: 40, throttled: 10 },
      pids: { current: 5, limit: undefined },
      diskBytes: 7_594_084,
      networkBytes: 5_338 + 648 + 4_641 + 690,
    });
  });

  it('does not go below zero where the cache is counted after the usage', () => {
    const stats = fixture('cgroup-v2');
    stats.memory_stats.stats.inactive_file = stats.memory_stats.usage + 4_096;
    expect(readSample(stats)?.memory?.used).toBe(stats.memory_stats.usage);
  });

  it('adds reads and writes of every device on cgroup v1, and their sums not again', () => {
    const stats = fixture('cgroup-v1');
    stats.blkio_stats.io_service_bytes_recursive = [
      ...['Read', 'Write', 'Sync', 'Async', 'Total'].map((op) => ({ major: 8, minor: 0, op, value: 10 })),
      { major: 8, minor: 16, op: 'Read', value: 5 },
    ];
    expect(readSample(stats)?.diskBytes).toBe(25);
  });

  it('takes 0 and a missing member for no limit of processes, too', () => {
    const stats = fixture('cgroup-v1');
    stats.pids_stats.limit = 0;
    expect(readSample(stats)?.pids).toEqual({ current: 2, limit: undefined });
    delete stats.pids_stats.limit;
    expect(readSample(stats)?.pids).toEqual({ current: 2, limit: undefined });
  });

  it('is none for a container that does not run', () => {
    expect(readSample(fixture('not-running'))).toBeUndefined();
  });

  it.each([null, 'no such container', [], {}, { read: 'yesterday' }, { read: '2026-01-01T00:00:00Z' }])(
    'is none for %j',
    (answer) => {
      expect(readSample(answer)).toBeUndefined();
    },
  );

  it('leaves out what an engine does not report', () => {
    const stats = { read: '2026-01-01T00:00:00Z', pids_stats: { current: 3 } };
    expect(readSample(stats)).toEqual({
      ...{ at: Date.parse(stats.read), pids: { current: 3, limit: undefined } },
      ...{ memory: undefined, cpu: undefined, diskBytes: undefined, networkBytes: undefined },
    });
  });
});
