// Names and sizes of the spool's folder. May be imported by readers and writer.

/** Folder of the spool in the private side, unless `spoolDirectory` names another. */
export const SPOOL_DIRECTORY = 'spool';
/** JSON `{origin, key}`: whose spool it is, and the HMAC key of its lines, 32 random bytes in hex. */
export const SPOOL_KEY_FILE = 'spool.key';
/** A file is closed and the next one begun once it has this many bytes: what has left it can go. */
export const SPOOL_FILE_BYTES = 16 * 1024 * 1024;
/** Longer than any line: an entry of 65,535 bytes at most, and what stands before it. */
export const MAX_SPOOL_LINE = 80 * 1024;

/** Ending of a file that everything has left, until it is removed. */
export const DONE_SUFFIX = '.done';
const FILE = /^(\d{10})\.spool(?:\.done)?$/;
const QUARANTINE = /^(\d{10})\.quarantine$/;

/** `0000000001.spool`: files are read in the order of their numbers. */
export function spoolName(number: number): string {
  return `${String(number).padStart(10, '0')}.spool`;
}

/** Lines of that file whose HMAC fails. */
export function quarantineName(number: number): string {
  return `${String(number).padStart(10, '0')}.quarantine`;
}

/** Number of a file with lines to read; null for any other name. */
export function spoolNumber(name: string): number | null {
  const match = FILE.exec(name);
  return match ? Number(match[1]) : null;
}

/** Number a name has taken, whatever kind of file it is; 0 for names of no kind. */
export function takenNumber(name: string): number {
  return spoolNumber(name) ?? Number(QUARANTINE.exec(name)?.[1] ?? 0);
}
