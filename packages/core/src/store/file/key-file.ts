// The life of a signing key that is a file: found, made once, never replaced.
import { dirname } from 'node:path';
import { AuditError } from '../../errors.ts';
import { generatePrivateKey, signerFromPem } from '../../note/node-signers.ts';
import type { Signer } from '../../note/signer.ts';
import type { Disk } from './disk.ts';
import { createOnce, makeDirectory, readText } from './durable.ts';

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
 * Loads the key, or makes one where neither log nor key exists. Of two processes that create the same log one key wins
 * (`createOnce`), and both use it.
 */
export async function loadOrCreateKey(
  disk: Disk,
  place: KeyPlace,
  type: 'ed25519' | 'ecdsa-p256',
): Promise<{ readonly signer: Signer; readonly created: boolean }> {
  if ((await readText(disk, place.path)) !== null)
    return { signer: await loadKey(disk, place), created: false };
  await makeDirectory(disk, dirname(place.path));
  const created = await createOnce(disk, place.path, generatePrivateKey(type));
  return { signer: await loadKey(disk, place), created };
}
