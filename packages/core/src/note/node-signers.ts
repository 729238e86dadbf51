// Signers over keys in this process, by node:crypto. Imported by writers only.
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  KeyObject,
  sign,
} from 'node:crypto';
import { AuditError } from '../errors.ts';
import { nodeSignatures } from './node-primitives.ts';
import type { KeyType, Signer } from './signer.ts';
import { hmacVerifierKey, verifierKey } from './verifier-key.ts';

/** A private key: PKCS#8 PEM, or as node:crypto holds it. */
export type PrivateKey = string | KeyObject;

/**
 * Signs by Ed25519, the default. `name` is the log's origin.
 * @throws AuditError `KEY_INVALID`
 */
export function ed25519Signer(name: string, privateKey: PrivateKey): Signer {
  const key = privateKeyOf(privateKey, 'ed25519');
  // The SPKI of an Ed25519 key ends in its 32 bytes (RFC 8410 §4).
  const publicKey = publicSpki(key).subarray(-32);
  return {
    key: verifierKey(name, 'ed25519', publicKey, nodeSignatures),
    sign: (text) => sign(null, text, key),
  };
}

/**
 * Signs by ECDSA over P-256 and SHA-256, for key services and policies without Ed25519.
 * @throws AuditError `KEY_INVALID`
 */
export function ecdsaP256Signer(name: string, privateKey: PrivateKey): Signer {
  const key = privateKeyOf(privateKey, 'ecdsa-p256');
  return {
    key: verifierKey(name, 'ecdsa-p256', publicSpki(key), nodeSignatures),
    sign: (text) => sign('sha256', text, { key, dsaEncoding: 'der' }),
  };
}

/**
 * Seals by HMAC-SHA-256 under a shared secret of at least 32 random bytes; proves nothing to a third party.
 * @throws AuditError `KEY_INVALID`
 */
export function hmacSigner(name: string, secret: Uint8Array): Signer {
  const key = Uint8Array.from(secret);
  return {
    key: hmacVerifierKey(name, key),
    sign: (text) => createHmac('sha256', key).update(text).digest(),
  };
}

/**
 * The signer for whichever private key the PEM holds.
 * @throws AuditError `KEY_INVALID`
 */
export function signerFromPem(name: string, pem: string): Signer {
  const key = parsePrivateKey(pem);
  return typeOf(key) === 'ecdsa-p256' ? ecdsaP256Signer(name, key) : ed25519Signer(name, key);
}

/** A new private key as PKCS#8 PEM: to be written 0600, outside the log. */
export function generatePrivateKey(type: Exclude<KeyType, 'hmac-sha256'> = 'ed25519'): string {
  const { privateKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
}

function privateKeyOf(privateKey: PrivateKey, wanted: KeyType): KeyObject {
  const key = privateKey instanceof KeyObject ? privateKey : parsePrivateKey(privateKey);
  if (typeOf(key) !== wanted) {
    throw new AuditError(
      'KEY_INVALID',
      `This is not an ${wanted} private key. Let signerFromPem choose the signer.`,
    );
  }
  return key;
}

function parsePrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's own error is kept out: nothing about a private key belongs in a log of errors.
    throw new AuditError(
      'KEY_INVALID',
      'The private key cannot be read; it must be PKCS#8 PEM, not encrypted.',
    );
  }
}

function typeOf(key: KeyObject): KeyType {
  if (key.type === 'private') {
    if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
    const curve = key.asymmetricKeyDetails?.namedCurve;
    if (key.asymmetricKeyType === 'ec' && curve === 'prime256v1') return 'ecdsa-p256';
  }
  throw new AuditError('KEY_INVALID', 'Private keys must be Ed25519 or ECDSA P-256 ones.');
}

function publicSpki(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
}
