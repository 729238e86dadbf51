// What lies in the directory: slots, files that do not belong there, and bytes in quarantine.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  COMMIT_FILE,
  decodeSlot,
  ENTRIES_DIRECTORY,
  OWN_NAMES,
  QUARANTINE_DIRECTORY,
  SLOT_BYTES,
  segmentFirst,
} from '@audit/core/internal';
import { systemReason } from '../arguments/file.ts';
import { counted } from '../render/quantity.ts';
import { bad, type Check, ok, type Patient, warn } from './check.ts';

/** Two slots, of which at least one must stand. */
export async function checkSlots({ directory }: Patient): Promise<Check[]> {
  const name = 'commit slots';
  let bytes: Buffer;
  try {
    bytes = await readFile(join(directory, COMMIT_FILE));
  } catch (error) {
    return [
      bad(
        name,
        `${COMMIT_FILE} cannot be read: ${systemReason(error)}.`,
        'Restore it from a backup of the same state as the entries. The log does not open without it.',
      ),
    ];
  }
  const slots = [bytes.subarray(0, SLOT_BYTES), bytes.subarray(SLOT_BYTES)].map(decodeSlot);
  const torn = slots.flatMap(({ state }, index) => (state === 'torn' ? [index] : []));
  if (torn.length === 0) return [ok(name, 'Both slots are whole.')];
  return torn.length === 2
    ? [
        bad(
          name,
          'Both slots are damaged: nothing says which entries stand.',
          'Restore commit from a backup.',
        ),
      ]
    : [
        warn(
          name,
          `Slot ${torn[0]} is damaged; the other one counts.`,
          'A power cut does that. The next open records it, and refuses if acknowledged entries would be lost.',
        ),
      ];
}

export async function checkStrayFiles({ directory }: Patient): Promise<Check[]> {
  const stray = (await readdir(directory)).filter(
    (file) => !OWN_NAMES.has(file) && !/^lock\..*sock/.test(file),
  );
  const segments = await readdir(join(directory, ENTRIES_DIRECTORY)).catch(() => []);
  stray.push(
    ...segments.filter((file) => segmentFirst(file) === null).map((file) => join(ENTRIES_DIRECTORY, file)),
  );
  if (stray.length === 0) return [ok('files', 'Nothing lies in the directory that does not belong there.')];
  const named = stray.slice(0, 5).join(', ') + (stray.length > 5 ? ', …' : '');
  return [
    warn(
      'files',
      `${counted(stray.length, 'file')} that the log did not put there: ${named}.`,
      'Temporary files (.tmp) go with the next open. Move anything else away, above all private keys.',
    ),
  ];
}

export async function checkQuarantine({ directory }: Patient): Promise<Check[]> {
  const files = await readdir(join(directory, QUARANTINE_DIRECTORY)).catch(() => []);
  if (files.length === 0) return [ok('quarantine', 'Empty.')];
  return [
    warn(
      'quarantine',
      `${counted(files.length, 'file')} with bytes found past the last commit.`,
      'They were never acknowledged nor signed. Look at them, copy what you need, then delete them.',
    ),
  ];
}
