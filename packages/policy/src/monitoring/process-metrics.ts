// What is told to Prometheus of this process. Names and meanings as in Prometheus' own client libraries.
import { counter, gauge, type Metric } from './metric.ts';

export function processMetrics(): readonly Metric[] {
  const { user, system } = process.cpuUsage();
  return [
    counter(
      'process_cpu_seconds_total',
      'Total user and system CPU time spent in seconds.',
      (user + system) / 1e6,
    ),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', process.memoryUsage.rss()),
    gauge(
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      Math.round(performance.timeOrigin) / 1_000,
    ),
  ];
}
