// The high-water mark: what the log is known to have reached, kept outside its directory.
import { join } from 'node:path';
import { AuditError } from '../../errors.ts';
import type { Disk } from './disk.ts';
import { readText, replaceFile } from './durable.ts';
import { HIGH_WATER_FILE } from './layout.ts';

export interface HighWater {
  readonly origin: string;
  /** Entries under `note`. */
  readonly size: number;
  /** The newest note known to be durable; empty right after creation. */
  readonly note: string;
}

/** Undefined: there is none. An `unreadable` one is told by `health()`, never guessed at. */
export type FoundHighWater = HighWater | undefined | { readonly unreadable: string };

export async function readHighWater(disk: Disk, stateDirectory: string): Promise<FoundHighWater> {
  const path = join(stateDirectory, HIGH_WATER_FILE);
  let text: string | null;
  try {
    text = await readText(disk, path);
  } catch (error) {
    return { unreadable: `${path} cannot be read (${(error as Error).message})` };
  }
  if (text === null) return undefined;
  try {
    const value = JSON.parse(text) as Partial<HighWater> | null;
    if (
      typeof value?.origin === 'string' &&
      typeof value.note === 'string' &&
      Number.isSafeInteger(value.size) &&
      (value.size as number) >= 0
    ) {
      return { origin: value.origin, size: value.size as number, note: value.note };
    }
  } catch {
    // told below
  }
  return { unreadable: `${path} is not a high-water file` };
}

/** Temporary file, sync, rename. A crash leaves the old mark, which is lower and therefore still true. */
export function writeHighWater(disk: Disk, stateDirectory: string, mark: HighWater): Promise<void> {
  return replaceFile(disk, join(stateDirectory, HIGH_WATER_FILE), `${JSON.stringify(mark)}\n`, {
    named: mark.size === 0,
  });
}

/** The private side belongs to one log only. */
export function checkHighWaterOrigin(mark: HighWater, origin: string, stateDirectory: string): void {
  if (mark.origin === origin) return;
  throw new AuditError(
    'OPTIONS_INVALID',
    `stateDirectory: ${stateDirectory} belongs to the log ${mark.origin}, not to ${origin}; give each log its own`,
  );
}
