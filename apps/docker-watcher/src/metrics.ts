// What is told to Prometheus of each engine.
import type { DockerWatchStats, ResourceStats } from '@audit/docker';
import { counter, gauge, type Metric, type Sample } from '@audit/policy';
import type { Tally } from './tally.ts';
import type { WatchedEngine } from './watched-engine.ts';

export function engineMetrics(engines: readonly WatchedEngine[], tally: Tally): readonly Metric[] {
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
    counter(
      'audit_docker_entries_total',
      'Entries recorded, by engine and type.',
      tally.entries.map(([engine, type, value]) => ({ labels: { engine, type }, value })),
    ),
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
    counter(
      'audit_docker_violations_total',
      'Violations of limits that opened, by engine and what ran out.',
      tally.violations.map(([engine, resource, value]) => ({ labels: { engine, resource }, value })),
    ),
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
