// The private side: is the signing key there and the log's own, and does the high-water mark belong to this log.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditError } from '@audit/core';
import { HIGH_WATER_FILE, type LogReaderHead, signerFromPem } from '@audit/core/internal';
import { systemReason } from '../arguments/file.ts';
import { entryCount } from '../render/quantity.ts';
import { bad, type Check, ok, type Patient, warn } from './check.ts';

/** Without its key a log can be read and verified, but not written to. */
export async function checkSigningKey(
  { keyFile }: Patient,
  head: LogReaderHead | null,
  vkeys: readonly string[],
): Promise<Check[]> {
  const name = 'signing key';
  let pem: string;
  try {
    pem = await readFile(keyFile, 'utf8');
  } catch (error) {
    return [
      warn(
        name,
        `${keyFile} cannot be read: ${systemReason(error)}.`,
        'Fine where the key is held elsewhere (KMS, keyFile, AUDIT_KEY_FILE) or this is a copy for reading. Else restore it: a log without its key takes no new entries.',
      ),
    ];
  }
  if (head === null) return [ok(name, `${keyFile} is there.`)];
  try {
    const { vkey } = signerFromPem(head.origin, pem).key;
    if (vkeys.includes(vkey)) return [ok(name, `${keyFile} is the log's: ${vkey}`)];
    return [
      bad(
        name,
        `${keyFile} is not a key of this log: its verifier key is ${vkey}.`,
        'Restore the right key, or name it by keyFile or AUDIT_KEY_FILE.',
      ),
    ];
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    return [bad(name, `${keyFile}: ${error.message}`, 'Restore the key from a backup.')];
  }
}

/** Whether the mark and the log agree is verification's to say; here, whether there is one and it is this log's. */
export async function checkHighWater(
  { stateDirectory }: Patient,
  head: LogReaderHead | null,
): Promise<Check[]> {
  const name = 'high-water';
  const path = join(stateDirectory, HIGH_WATER_FILE);
  let mark: { readonly origin?: unknown; readonly size?: unknown };
  try {
    mark = JSON.parse(await readFile(path, 'utf8')) as typeof mark;
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is not JSON' : systemReason(error);
    return [
      warn(
        name,
        `${path} cannot be read: ${why}.`,
        'Without it, an older state put back in place of this log is not noticed on open. The next open writes it anew; compare with a checkpoint kept elsewhere first (audit verify --since).',
      ),
    ];
  }
  if (head !== null && mark.origin !== head.origin) {
    return [
      bad(
        name,
        `${path} belongs to the log ${String(mark.origin)}.`,
        'Give each log a private side of its own.',
      ),
    ];
  }
  return [ok(name, `The log has reached ${entryCount(Number(mark.size))} at least.`)];
}
