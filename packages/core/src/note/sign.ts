// Signing: the writer's half of notes. Verification never imports it.
import { AuditError } from '../errors.ts';
import { type Checkpoint, formatCheckpoint } from './checkpoint.ts';
import { formatNote, noteBytes } from './note.ts';
import type { Signer } from './signer.ts';

/** Signers whose first signature was checked. */
const proven = new WeakSet<Signer>();

/**
 * The signed note of a checkpoint.
 * @throws AuditError `KEY_INVALID` where the signer's name is not the origin, or its first signature is not its key's
 * @throws whatever the signer throws
 */
export async function signCheckpoint(checkpoint: Checkpoint, signer: Signer): Promise<string> {
  if (signer.key.name !== checkpoint.origin) {
    throw new AuditError(
      'KEY_INVALID',
      `The key is named ${JSON.stringify(signer.key.name)}, but the log's origin is ` +
        `${JSON.stringify(checkpoint.origin)}. Open the log with a signer that bears its origin.`,
    );
  }
  return signNote(formatCheckpoint(checkpoint), signer);
}

/** The note of any text that ends in a newline. */
export async function signNote(text: string, signer: Signer): Promise<string> {
  const bytes = noteBytes(text);
  const signature = await signer.sign(bytes);
  // A key service wired to another key would sign a whole log that nobody can verify: its first answer tells.
  if (!proven.has(signer)) {
    if (!signer.key.verify(bytes, signature)) {
      throw new AuditError(
        'KEY_INVALID',
        `What the signer returned is no signature of the verifier key it names, ${signer.key.vkey}. ` +
          'Check which private key it uses, and the form of its signatures (Ed25519: 64 bytes; ECDSA: DER).',
      );
    }
    proven.add(signer);
  }
  return formatNote(text, [{ name: signer.key.name, keyId: signer.key.id, signature }]);
}
