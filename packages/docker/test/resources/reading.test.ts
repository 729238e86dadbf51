import { describe, expect, it } from 'vitest';
import type { ResourceKind } from '../../src/resources/kinds.ts';
import { type Reading, readingOf } from '../../src/resources/reading.ts';
import { type LimitRule, parseRule } from '../../src/resources/rule.ts';
import { readSample, type Sample } from '../../src/resources/sample.ts';
import { fixture, type Stats } from './fixture.ts';

/** What a limit reads from an answer, and from a second one 10 s later that `change` has changed. */
function readings(
  kind: ResourceKind,
  text: string,
  change: (stats: Stats) => void = () => {},
  version: 'cgroup-v1' | 'cgroup-v2' = 'cgroup-v1',
): (Reading | null | undefined)[] {
  const first = fixture(version);
  const second = fixture(version);
  second.read = new Date(Date.parse(second.read) + 10_000).toISOString();
  change(second);
  const rule = parseRule(kind, text) as LimitRule;
  const [before, after] = [readSample(first) as Sample, readSample(second) as Sample];
  return [readingOf(rule, before, undefined), readingOf(rule, after, before)];
}

describe('a reading', () => {
  it('of memory is the bytes used, against a share of what the container may have', () => {
    const [reading] = readings('memory', '90%');
    expect(reading).toEqual({
      observed: 1_818_624,
      limit: 60_397_978,
      capacity: 67_108_864,
      unit: 'bytes',
    });
  });

  it('of memory is against an amount where the rule says one', () => {
    expect(readings('memory', '1m')[0]).toMatchObject({ observed: 1_818_624, limit: 1_048_576 });
  });

  it('of processes is against the very share, whatever the fractions of a computer are', () => {
    const limits = ['7%', '14%', '28%', '29%', '55%', '56%', '57%', '58%'];
    const found = limits.map((text) => {
      const stats = fixture('cgroup-v1');
      stats.pids_stats.limit = 100;
      return readingOf(parseRule('pids', text) as LimitRule, readSample(stats) as Sample, undefined)?.limit;
    });
    expect(found).toEqual([7, 14, 28, 29, 55, 56, 57, 58]);
  });

  it('of processes is against a share of their limit, or does not apply where there is none', () => {
    expect(readings('pids', '100%')[0]).toMatchObject({ observed: 2, limit: 20, unit: 'processes' });
    expect(readings('pids', '95%')[0]).toMatchObject({ limit: 19 });
    expect(readings('pids', '100%', () => {}, 'cgroup-v2')[0]).toBeNull();
    expect(readings('pids', '5', () => {}, 'cgroup-v2')[0]).toMatchObject({ observed: 5, limit: 5 });
  });

  it.each(['cgroup-v1', 'cgroup-v2'] as const)(
    'of CPU is the share of periods throttled, on %s',
    (version) => {
      const throttle = (stats: Stats) => {
        stats.cpu_stats.throttling_data.periods += 100;
        stats.cpu_stats.throttling_data.throttled_periods += 37;
      };
      expect(readings('cpu', '25%', throttle, version)).toEqual([
        undefined,
        { observed: 0.37, limit: 0.25, unit: 'ratio', forMs: 10_000 },
      ]);
    },
  );

  it('of CPU is nothing where there is no quota, or the container was idle', () => {
    const idle = (stats: Stats) => {
      stats.cpu_stats.throttling_data.periods += 2;
      stats.cpu_stats.throttling_data.throttled_periods += 2;
    };
    expect(readings('cpu', '25%')[1]).toMatchObject({ observed: 0 });
    expect(readings('cpu', '25%', idle)[1]).toMatchObject({ observed: 0 });
  });

  it('of disk and network is a rate', () => {
    const write = (stats: Stats) => {
      stats.blkio_stats.io_service_bytes_recursive[1].value += 50_000_000;
      stats.networks.eth5.rx_bytes += 1_000_000;
    };
    const found = { limit: 1_048_576, unit: 'bytes/s', forMs: 10_000 };
    expect(readings('disk', '1m/s', write, 'cgroup-v2')[1]).toEqual({ observed: 5_000_000, ...found });
    expect(readings('network', '1m/s', write, 'cgroup-v2')[1]).toEqual({ observed: 100_000, ...found });
  });

  it('of a counter that went backwards, or of no time at all, tells nothing', () => {
    const reset = (stats: Stats) => {
      stats.networks = {};
      stats.cpu_stats.throttling_data = { periods: 0, throttled_periods: 0, throttled_time: 0 };
    };
    const still = (stats: Stats) => {
      stats.read = fixture('cgroup-v1').read;
    };
    expect(readings('network', '1m/s', reset)[1]).toBeUndefined();
    expect(readings('cpu', '25%', reset)[1]).toBeUndefined();
    expect(readings('network', '1m/s', still)[1]).toBeUndefined();
  });
});
