// The signing key of tests: published, so that a log signed with it proves nothing.
import { createPrivateKey } from 'node:crypto';
import { ed25519Signer } from '../note/node-signers.ts';
import type { Signer } from '../note/signer.ts';

/** The secret key of RFC 8032 §7.1, TEST 1: known to everyone. */
export const TEST_SECRET = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';

/** What precedes the 32 bytes of an Ed25519 secret key in PKCS#8 (RFC 8410 §7). */
const PKCS8_ED25519 = '302e020100300506032b657004220420';

/** Signs checkpoints of `origin` with the published key. */
export function testSigner(origin: string): Signer {
  const der = Buffer.from(PKCS8_ED25519 + TEST_SECRET, 'hex');
  return ed25519Signer(origin, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}
