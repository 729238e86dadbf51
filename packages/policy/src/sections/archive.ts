// Where sealed segments are archived before anything is pruned, and where backups of the whole log are kept.
import { DEFAULT_ARCHIVE_COMPRESSION, DEFAULT_BACKUPS_KEPT } from '@audit/core';
import type { z } from 'zod';
import { DEFAULT_BACKUP_INTERVAL } from '../maintenance/backup-job.ts';
import { count, duration, spellDuration } from '../settings/quantities.ts';
import { setting } from '../settings/setting.ts';
import { choice, path } from '../settings/words.ts';
import { section } from './section.ts';

const backupsSection = section(
  {
    directory: setting(
      path,
      'Folder of the backups, made where it is missing: each is the log as it stood, in a directory that verifies.',
      null,
    ),
    keep: setting(count({ least: 1 }), 'Backups that stay, the newest ones.', DEFAULT_BACKUPS_KEPT),
    interval: setting(
      duration(),
      'How often one is made; 0ms never.',
      spellDuration(DEFAULT_BACKUP_INTERVAL),
    ),
  },
  'Backups of the whole log, the segment that is being written included.',
);

export const archiveSection = section(
  {
    directory: setting(
      path,
      'Directory that finished segments are copied to, made where it is missing: a log of its own that can be verified.',
      null,
    ),
    compression: setting(
      choice('gzip', 'none'),
      'How they lie there: gzip as in the log, none as plain lines.',
      DEFAULT_ARCHIVE_COMPRESSION,
    ),
    backups: backupsSection,
  },
  'A second directory that has the whole history, and backups.',
);

/** For the job `backup`; without a directory there are none. */
export interface BackupPolicy {
  readonly directory?: string;
  readonly keep: number;
  /** Milliseconds; 0 never. */
  readonly interval: number;
}

/** The part about backups, with its defaults. */
export function backupOptions({ backups }: z.output<typeof archiveSection>): BackupPolicy {
  const { directory, keep = DEFAULT_BACKUPS_KEPT, interval = DEFAULT_BACKUP_INTERVAL } = backups;
  return { ...(directory !== undefined && { directory }), keep, interval };
}
