// What is told to Prometheus: the log, each engine, and this process.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditLog } from '@audit/core';
import type { DockerWatchStats, ResourceStats } from '@audit/docker';
import type { Metric, Sample } from './exposition.ts';
import type { Tally } from './tally.ts';
import type { WatchedEngine } from './watched-engine.ts';

export interface MetricSources {
  readonly log: AuditLog;
  readonly engines: readonly WatchedEngine[];
  readonly tally: Tally;
}

/** All metrics, as they are now. */
export async function collect({ log, engines, tally }: MetricSources): Promise<readonly Metric[]> {
  return [...engineMetrics(engines, tally), ...(await logMetrics(log)), ...processMetrics()];
}

function engineMetrics(engines: readonly WatchedEngine[], tally: Tally): readonly Metric[] {
  const each = (value: (stats: DockerWatchStats) => number): Sample[] =>
    engines.map(({ name, watch }) => ({ labels: { engine: name }, value: value(watch.stats()) }));
  return [
    gauge(
      'audit_docker_connected',
      'Whether the engine is watched: 1 or 0.',
      each(({ state }) => Number(state === 'watching')),
    ),
    gauge(
      'audit_docker_containers',
      'Containers the engine has.',
      each(({ containers }) => containers),
    ),
    {
      ...counter('audit_docker_entries_total', 'Entries recorded, by engine and type.'),
      samples: tally.entries.map(([engine, type, value]) => ({ labels: { engine, type }, value })),
    },
    counter(
      'audit_docker_messages_total',
      'Messages of the engine, repetitions included.',
      each(({ received }) => received),
    ),
    counter(
      'audit_docker_repeated_messages_total',
      'Messages that came again and were not recorded again.',
      each(({ repeated }) => repeated),
    ),
    counter(
      'audit_docker_dropped_messages_total',
      'Messages that found the queue of the watch full; told by log.gap.',
      each(({ dropped }) => dropped),
    ),
    counter(
      'audit_docker_failed_entries_total',
      'Entries the log refused.',
      each(({ failed }) => failed),
    ),
    counter(
      'audit_docker_reconciled_entries_total',
      'Entries made from lists and inspections, of what no message told.',
      each(({ reconciled }) => reconciled),
    ),
    counter(
      'audit_docker_gaps_total',
      'Times something may be missing; each is a log.gap.',
      each(({ gaps }) => gaps),
    ),
    counter(
      'audit_docker_reconnects_total',
      'Times the event stream was opened again.',
      each(({ connections }) => Math.max(0, connections - 1)),
    ),
    gauge(
      'audit_docker_queue_messages',
      'Messages received and not yet handed to the log.',
      each(({ queued }) => queued),
    ),
    {
      ...counter(
        'audit_docker_violations_total',
        'Violations of limits that opened, by engine and what ran out.',
      ),
      samples: tally.violations.map(([engine, resource, value]) => ({ labels: { engine, resource }, value })),
    },
    ...limitMetrics(engines),
  ];
}

/** What the watch over limits does: nothing where it is off. */
function limitMetrics(engines: readonly WatchedEngine[]): readonly Metric[] {
  const each = (value: (stats: ResourceStats) => number): Sample[] =>
    engines.flatMap(({ name, watch }) => {
      const { resources } = watch.stats();
      return resources === null ? [] : [{ labels: { engine: name }, value: value(resources) }];
    });
  return [
    gauge(
      'audit_docker_open_violations',
      'Violations of limits that are open.',
      each(({ open }) => open),
    ),
    counter(
      'audit_docker_actions_total',
      'Times a container was to be paused, stopped or killed.',
      each(({ actions }) => actions),
    ),
    counter(
      'audit_docker_failed_actions_total',
      'Those of them that failed.',
      each(({ failedActions }) => failedActions),
    ),
    counter(
      'audit_docker_samples_total',
      'Samples of containers that were read.',
      each(({ samples }) => samples),
    ),
    counter(
      'audit_docker_failed_samples_total',
      'Samples that could not be read.',
      each(({ failedSamples }) => failedSamples),
    ),
  ];
}

async function logMetrics(log: AuditLog): Promise<readonly Metric[]> {
  const { size, location } = log.info();
  const { status, queued, lost, checkpointAgeMs } = log.health();
  return [
    gauge('audit_log_up', 'Whether the log records without complaint: 1 or 0.', [
      { value: Number(status === 'ok') },
    ]),
    gauge('audit_log_entries', 'Entries in the log.', [{ value: size }]),
    gauge('audit_log_size_bytes', 'Bytes the log takes on disk.', [{ value: await bytesIn(location) }]),
    gauge('audit_log_queue_events', 'Events waiting to be committed.', [{ value: queued.events }]),
    gauge('audit_log_queue_bytes', 'Bytes of events waiting to be committed.', [{ value: queued.bytes }]),
    counter(
      'audit_log_lost_events_total',
      'Events not recorded since the start, by reason.',
      Object.entries(lost).map(([reason, value]) => ({ labels: { reason }, value })),
    ),
    gauge(
      'audit_log_checkpoint_age_seconds',
      'Seconds since the newest checkpoint was signed.',
      checkpointAgeMs === null ? [] : [{ value: checkpointAgeMs / 1_000 }],
    ),
  ];
}

/** Names and meanings as in Prometheus' own client libraries. */
function processMetrics(): readonly Metric[] {
  const { user, system } = process.cpuUsage();
  return [
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', [
      { value: (user + system) / 1e6 },
    ]),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', [
      { value: process.memoryUsage.rss() },
    ]),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', [
      { value: Math.round(performance.timeOrigin) / 1_000 },
    ]),
  ];
}

/** A log is a few files, whatever its size; one that goes meanwhile counts nothing. */
async function bytesIn(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory()
      ? bytesIn(path)
      : stat(path).then(
          ({ size }) => size,
          () => 0,
        );
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function counter(name: string, help: string, samples: readonly Sample[] = []): Metric {
  return { name, help, type: 'counter', samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: 'gauge', samples };
}
