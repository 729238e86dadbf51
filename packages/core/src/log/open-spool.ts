// Finds the spool of a log and what earlier runs left in it.
import { join, resolve } from 'node:path';
import { AuditError } from '../errors.ts';
import { SPOOL_DIRECTORY } from '../spool/layout.ts';
import { SpoolPlace } from '../spool/place.ts';
import { type OpenedSpool, Spool, type SpoolDamage } from '../spool/spool.ts';
import type { Disk } from '../store/file/disk.ts';
import type { GapReport } from './gap-report.ts';
import type { AuditLogOptions } from './options.ts';
import type { Settings } from './settings.ts';

export interface SpoolHooks {
  readonly changed: () => void;
  readonly damaged: (damage: SpoolDamage) => void;
}

/**
 * Opens the spool of a log; null where it has no place for one. Its folder and key are made now where events may go there
 * by rule, so that a folder that cannot be written is known now.
 * @throws AuditError `STORE_IO` where it cannot be read or made; `OPTIONS_INVALID` where it is another log's
 */
export async function openSpool(
  options: AuditLogOptions,
  origin: string,
  settings: Settings,
  disk: Disk,
  hooks: SpoolHooks,
): Promise<OpenedSpool | null> {
  const directory = placeOf(options);
  if (directory === null) return null;
  const place = new SpoolPlace(disk, directory, origin);
  try {
    const opened = await Spool.open({
      place,
      maxEvents: settings.spoolEvents,
      maxUnwritten: settings.queueBytes,
      ...hooks,
    });
    if (options.spoolDirectory !== undefined || settings.onFailure.has('spool')) await place.key();
    return opened;
  } catch (error) {
    if (error instanceof AuditError) throw error;
    throw new AuditError(
      'STORE_IO',
      `The spool ${directory} cannot be opened (${(error as Error).message}): its parent folder must exist, and this process must own it and find room there.`,
      { cause: error },
    );
  }
}

/** What was found in the spool and is no line of it, as the log tells it. */
export function toldDamage({ kind, lines, path }: SpoolDamage): GapReport {
  if (kind === 'torn') {
    return {
      reason: 'spool-torn',
      events: lines,
      message: 'A process ended while it wrote to the spool: its last line is cut short and was dropped.',
      data: { path },
    };
  }
  return {
    reason: 'spool-damaged',
    events: lines,
    message:
      'Lines of the spool do not have the HMAC of its key: they were not recorded, and are in quarantine.',
    data: { path },
  };
}

function placeOf({ directory, stateDirectory, spoolDirectory }: AuditLogOptions): string | null {
  if (spoolDirectory !== undefined) return resolve(spoolDirectory);
  if (directory === undefined) return null;
  return join(resolve(stateDirectory ?? `${resolve(directory)}.private`), SPOOL_DIRECTORY);
}
