// What is done for the log at intervals, besides recording.
import type { z } from 'zod';
import { DEFAULT_JITTER, DEFAULT_RETRY_MAX, DEFAULT_RETRY_MIN } from '../maintenance/maintenance.ts';
import { DEFAULT_RETENTION_INTERVAL } from '../maintenance/retention-job.ts';
import { DEFAULT_ROTATION_INTERVAL } from '../maintenance/rotate-job.ts';
import { DEFAULT_FULL_VERIFY_INTERVAL, DEFAULT_VERIFY_INTERVAL } from '../maintenance/verify-job.ts';
import { duration, LONGEST_TIMER, spellDuration } from '../settings/quantities.ts';
import { setting } from '../settings/setting.ts';
import { ifRight, section } from './section.ts';

export const maintenanceSection = section(
  {
    rotationInterval: setting(
      duration(),
      'How often the age of the segment is looked at, which else waits for the next event; 0ms never.',
      spellDuration(DEFAULT_ROTATION_INTERVAL),
    ),
    retentionInterval: setting(
      duration(),
      'How often sealed segments are archived, and what has expired goes; 0ms never.',
      spellDuration(DEFAULT_RETENTION_INTERVAL),
    ),
    jitter: setting(
      duration({ most: LONGEST_TIMER }),
      'A run begins up to so much later than it is due, at random; at most a tenth of its interval.',
      spellDuration(DEFAULT_JITTER),
    ),
    retryMin: setting(
      duration({ least: 1, most: LONGEST_TIMER }),
      'Wait before a run that failed is tried again: the first.',
      spellDuration(DEFAULT_RETRY_MIN),
    ),
    retryMax: setting(
      duration({ least: 1, most: LONGEST_TIMER }),
      'The longest this wait grows to.',
      spellDuration(DEFAULT_RETRY_MAX),
    ),
  },
  'What is done for the log at intervals.',
).refine(({ retryMin, retryMax }) => (retryMin ?? DEFAULT_RETRY_MIN) <= (retryMax ?? DEFAULT_RETRY_MAX), {
  path: ['retryMax'],
  error: 'must be at least retryMin',
  when: ifRight('retryMin', 'retryMax'),
});

/** The keys of `integrity` that verification goes by. */
export const verifySettings = {
  verifyInterval: setting(
    duration(),
    'How often the log verifies what is new in it; 0ms never.',
    spellDuration(DEFAULT_VERIFY_INTERVAL),
  ),
  fullVerifyInterval: setting(
    duration(),
    'How often verification reads every entry again; 0ms every time.',
    spellDuration(DEFAULT_FULL_VERIFY_INTERVAL),
  ),
};

/** All times in milliseconds. */
export interface MaintenancePolicy {
  readonly verifyInterval: number;
  readonly fullVerifyInterval: number;
  readonly rotationInterval: number;
  readonly retentionInterval: number;
  readonly jitter: number;
  readonly retryMin: number;
  readonly retryMax: number;
}

/** The section and the keys of `integrity`, with their defaults. */
export function maintenanceOptions(
  values: z.output<typeof maintenanceSection>,
  integrity: { readonly [K in keyof typeof verifySettings]?: number | undefined },
): MaintenancePolicy {
  return {
    verifyInterval: integrity.verifyInterval ?? DEFAULT_VERIFY_INTERVAL,
    fullVerifyInterval: integrity.fullVerifyInterval ?? DEFAULT_FULL_VERIFY_INTERVAL,
    rotationInterval: values.rotationInterval ?? DEFAULT_ROTATION_INTERVAL,
    retentionInterval: values.retentionInterval ?? DEFAULT_RETENTION_INTERVAL,
    jitter: values.jitter ?? DEFAULT_JITTER,
    retryMin: values.retryMin ?? DEFAULT_RETRY_MIN,
    retryMax: values.retryMax ?? DEFAULT_RETRY_MAX,
  };
}
