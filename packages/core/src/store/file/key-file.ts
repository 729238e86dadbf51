// The life of a signing key that is a file: found, made once, never replaced.
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { AuditError } from '../../errors.ts';
import { generatePrivateKey, signerFromPem } from '../../note/node-signers.ts';
import type { Signer } from '../../note/signer.ts';
import type { Disk } from './disk.ts';
import { makeDirectory, readText, TEMPORARY_SUFFIX } from './durable.ts';
import { FILE_MODE } from './node-disk.ts';

export interface KeyPlace {
  /** PKCS#8 PEM. */
  readonly path: string;
  readonly origin: string;
}

/**
 * Loads the signing key of an existing log.
 * @throws AuditError `KEY_MISSING`: a log without its key never gets a new one, for nobody could tell it from a forger's
 */
export async function loadKey(disk: Disk, { path, origin }: KeyPlace): Promise<Signer> {
  const pem = await readText(disk, path);
  if (pem === null) {
    throw new AuditError(
      'KEY_MISSING',
      `the log ${origin} is there but its signing key ${path} is not: restore the key, or name it by keyFile or AUDIT_KEY_FILE`,
    );
  }
  return signerFromPem(origin, pem);
}

/**
 * Loads the key, or makes one where neither log nor key exists. Temporary file · write · fsync · link to its name ·
 * unlink · fsync of the folder. `link` fails where the name is taken, so of two processes that create the same log one
 * key wins and both use it.
 */
export async function loadOrCreateKey(
  disk: Disk,
  place: KeyPlace,
  type: 'ed25519' | 'ecdsa-p256',
): Promise<{ readonly signer: Signer; readonly created: boolean }> {
  if ((await readText(disk, place.path)) !== null)
    return { signer: await loadKey(disk, place), created: false };
  const folder = dirname(place.path);
  await makeDirectory(disk, folder);
  const temporary = join(
    folder,
    `.${basename(place.path)}.${randomBytes(6).toString('hex')}${TEMPORARY_SUFFIX}`,
  );
  const file = await disk.create(temporary, FILE_MODE);
  let created = true;
  try {
    await file.write(generatePrivateKey(type), 0);
    await file.sync();
    await disk.link(temporary, place.path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    created = false;
  } finally {
    await file.close();
    await disk.unlink(temporary);
  }
  await disk.syncDirectory(folder);
  return { signer: await loadKey(disk, place), created };
}
