// What is told to Prometheus of a log: what it has done, where it stands, and what it takes on disk.
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { AuditLog } from '@audit/core';
import { counter, durations, gauge, type Metric } from './metric.ts';

export async function logMetrics(
  log: Pick<AuditLog, 'info' | 'health' | 'stats'>,
): Promise<readonly Metric[]> {
  const { size, location } = log.info();
  const stats = log.stats();
  const { status, spooled } = log.health();
  const lost = Object.entries(stats.lost).map(([reason, value]) => ({ labels: { reason }, value }));
  return [
    gauge('audit_log_up', 'Whether the log records without complaint: 1 or 0.', Number(status === 'ok')),
    gauge('audit_log_entries', 'Entries in the log.', size),
    gauge(
      'audit_log_size_bytes',
      'Bytes the log takes on disk.',
      // Other stores name no directory.
      isAbsolute(location) ? await bytesIn(location) : null,
    ),
    counter('audit_events_total', 'Entries committed, those of the log itself among them.', stats.entries),
    counter('audit_event_bytes_total', 'Bytes of the entries committed, before compression.', stats.bytes),
    counter('audit_batches_total', 'Batches committed.', stats.batches),
    durations('audit_sync_seconds', 'Seconds each fdatasync of the log took.', stats.sync),
    durations('audit_signing_seconds', 'Seconds each signature took.', stats.signing),
    gauge('audit_queue_events', 'Events waiting to be committed.', stats.queued.events),
    gauge('audit_queue_bytes', 'Bytes of events waiting to be committed.', stats.queued.bytes),
    gauge('audit_spool_events', 'Events in the spool, waiting for the log to take them.', spooled.events),
    gauge('audit_spool_bytes', 'Bytes of events in the spool.', spooled.bytes),
    counter('audit_lost_events_total', 'Events not recorded since the start, by reason.', lost),
    gauge(
      'audit_checkpoint_age_seconds',
      'Seconds since the newest checkpoint was signed.',
      stats.checkpointAgeMs === null ? null : stats.checkpointAgeMs / 1_000,
    ),
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
