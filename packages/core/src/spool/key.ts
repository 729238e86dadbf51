// The HMAC key of a spool: made once, kept beside the lines, and bound to one log.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AuditError } from '../errors.ts';
import type { Disk } from '../store/file/disk.ts';
import { createOnce, readText } from '../store/file/durable.ts';
import { SPOOL_KEY_FILE } from './layout.ts';

const KEY_BYTES = 32;

/**
 * The key in `directory`, made where there is none. It tells damage and lines of whoever cannot read it; whoever can read
 * the folder can write lines, too.
 * @throws AuditError `OPTIONS_INVALID` the spool is another log's · `STORE_IO` the key is not readable as one
 */
export async function openSpoolKey(disk: Disk, directory: string, origin: string): Promise<Buffer> {
  const path = join(directory, SPOOL_KEY_FILE);
  let text = await readText(disk, path);
  if (text === null) {
    await createOnce(
      disk,
      path,
      `${JSON.stringify({ origin, key: randomBytes(KEY_BYTES).toString('hex') })}\n`,
    );
    text = await readText(disk, path);
  }
  const found = parse(text ?? '');
  if (found === null) {
    throw new AuditError(
      'STORE_IO',
      `${path} holds no key: put it back from a backup, or remove it, and what waits in the spool goes to quarantine.`,
    );
  }
  if (found.origin !== origin) {
    throw new AuditError(
      'OPTIONS_INVALID',
      `spoolDirectory ${directory} is the spool of the log ${JSON.stringify(found.origin)}: give each log its own.`,
    );
  }
  return found.key;
}

function parse(text: string): { readonly origin: string; readonly key: Buffer } | null {
  try {
    const { origin, key } = JSON.parse(text) as { readonly origin: unknown; readonly key: unknown };
    if (typeof origin !== 'string' || typeof key !== 'string' || !/^[0-9a-f]{64}$/.test(key)) return null;
    return { origin, key: Buffer.from(key, 'hex') };
  } catch {
    return null;
  }
}
