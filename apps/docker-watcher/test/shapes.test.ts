// What the policy gives is what @audit/docker takes: option by option, default by default, limit by limit. The two
// packages do not know each other.
import { createTestLog } from '@audit/core/testing';
import {
  DEFAULT_ACTION_TIMEOUT,
  DEFAULT_ANSWER_TIMEOUT,
  DEFAULT_CPU_LIMIT,
  DEFAULT_DISK_LIMIT,
  DEFAULT_EVENTS,
  DEFAULT_LABELS,
  DEFAULT_LIMIT_ACTION,
  DEFAULT_MEMORY_LIMIT,
  DEFAULT_NETWORK_LIMIT,
  DEFAULT_PIDS_LIMIT,
  DEFAULT_PROBE_INTERVAL,
  DEFAULT_QUEUE_MESSAGES,
  DEFAULT_RECONCILE_INTERVAL,
  DEFAULT_RELEASE,
  DEFAULT_RESTARTS_LIMIT,
  DEFAULT_RETRY_MAX,
  DEFAULT_RETRY_MIN,
  DEFAULT_SAMPLE_INTERVAL,
  DEFAULT_SAMPLES_IN_FLIGHT,
  DEFAULT_SAMPLES_PER_SECOND,
  DEFAULT_SETTLE,
  DEFAULT_STOP_TIMEOUT,
  DEFAULT_SUSTAINED,
  DEFAULT_TIME_LIMIT,
  DEFAULT_UPDATE_INTERVAL,
  type DockerWatchOptions,
  type ResourceOptions,
  watchDocker,
} from '@audit/docker';
import {
  type DockerWatchPolicy,
  type LimitsPolicy,
  loadPolicy,
  PolicyError,
  parsePolicy,
} from '@audit/policy';
import Docker from 'dockerode';
import { describe, expect, expectTypeOf, test } from 'vitest';

/** Options whose values the policy cannot say: what is watched, and what is written to. */
type ByCode = 'docker' | 'log' | 'engine';

type Given<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };

describe('the options of a watch', () => {
  test('are those of the policy, by name and type', () => {
    expectTypeOf<keyof DockerWatchPolicy>().toEqualTypeOf<Exclude<keyof DockerWatchOptions, ByCode>>();
    expectTypeOf<Omit<Given<DockerWatchPolicy>, 'resources'>>().toEqualTypeOf<
      Omit<Given<DockerWatchOptions>, ByCode | 'resources'>
    >();
    expectTypeOf<Given<LimitsPolicy>>().toEqualTypeOf<Given<ResourceOptions>>();
  });

  test('have in config/audit.yaml the defaults they have in code', async () => {
    const shipped = await loadPolicy(new URL('../../../config/audit.yaml', import.meta.url).pathname);
    const { resources, ...watch } = shipped.docker.watch;
    expect(watch).toEqual({
      events: DEFAULT_EVENTS,
      healthProbes: false,
      environmentValues: false,
      queueMessages: DEFAULT_QUEUE_MESSAGES,
      retryMin: DEFAULT_RETRY_MIN,
      retryMax: DEFAULT_RETRY_MAX,
      probeInterval: DEFAULT_PROBE_INTERVAL,
      answerTimeout: DEFAULT_ANSWER_TIMEOUT,
      reconcileInterval: DEFAULT_RECONCILE_INTERVAL,
      settle: DEFAULT_SETTLE,
    });
    expect(resources).toEqual({
      memory: DEFAULT_MEMORY_LIMIT,
      cpu: DEFAULT_CPU_LIMIT,
      pids: DEFAULT_PIDS_LIMIT,
      disk: DEFAULT_DISK_LIMIT,
      network: DEFAULT_NETWORK_LIMIT,
      time: DEFAULT_TIME_LIMIT,
      restarts: DEFAULT_RESTARTS_LIMIT,
      action: DEFAULT_LIMIT_ACTION,
      protect: [],
      labels: DEFAULT_LABELS,
      sustained: DEFAULT_SUSTAINED,
      release: DEFAULT_RELEASE,
      updateInterval: DEFAULT_UPDATE_INTERVAL,
      sampleInterval: DEFAULT_SAMPLE_INTERVAL,
      samplesPerSecond: DEFAULT_SAMPLES_PER_SECOND,
      samplesInFlight: DEFAULT_SAMPLES_IN_FLIGHT,
      stopTimeout: DEFAULT_STOP_TIMEOUT,
      actionTimeout: DEFAULT_ACTION_TIMEOUT,
    });
  });
});

describe('a limit', () => {
  const LIMITS = ['memory', 'cpu', 'pids', 'disk', 'network', 'time', 'restarts'] as const;
  /** What is a limit of one of them, and what looks like one. */
  const AMOUNTS = [
    ...[
      '90%',
      '0%',
      '100%',
      '100.5%',
      '0.5%',
      '90',
      '0',
      '512m',
      '512M',
      '1.5g',
      '512mb',
      '0m',
      '2t',
      '12b',
      '2k',
    ],
    ...[
      '50m/s',
      '50/s',
      '0/s',
      '50m/m',
      '/s',
      '2h',
      '2.5h',
      '0h',
      '250ms',
      '30',
      '1w',
      '5/10m',
      '0/10m',
      '5/0m',
    ],
    ...['5/10', '5', '/', '5/10m/1', 'off', '', 'none', '-1', '1e3', '1e3%', '90 %', '٩%', '1000000000/1m'],
  ];
  const ENDINGS = [
    ...['', ' kill', ' none', ' alert', ' stop', ' pause', ' Kill', ' for 30s', ' for 30s stop', ' for 0s'],
    ...[' for', ' for 30', ' stop for 30s', '  kill', ' ', ' kill kill', ' for 30s for 30s'],
  ];

  test('is one to the policy exactly where it is one to the watch', async () => {
    // Nobody need answer: options are read first.
    const docker = new Docker({ socketPath: '/nowhere/docker.sock' });
    const log = await createTestLog();
    let good = 0;
    const differ: string[] = [];
    for (const limit of LIMITS) {
      for (const text of AMOUNTS.flatMap((amount) => ENDINGS.map((ending) => amount + ending))) {
        const policy = isPolicy(limit, text);
        const watch = await isWatched({ docker, log, resources: { [limit]: text } });
        if (policy !== watch) differ.push(`${limit}: ${JSON.stringify(text)}`);
        if (watch) good++;
      }
    }
    expect(differ).toEqual([]);
    expect(good).toBeGreaterThan(100);
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  });

  function isPolicy(limit: string, text: string): boolean {
    try {
      parsePolicy(JSON.stringify({ integrations: { docker: { limits: { [limit]: text } } } }));
      return true;
    } catch (error) {
      if (error instanceof PolicyError) return false;
      throw error;
    }
  }

  async function isWatched(options: DockerWatchOptions): Promise<boolean> {
    try {
      const watch = await watchDocker(options);
      await watch.stop();
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }
});
