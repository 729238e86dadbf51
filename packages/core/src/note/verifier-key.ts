// Verifier keys (C2SP signed-note): the public half of a key as one line of text. Runs anywhere.
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { AuditError } from '../errors.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { isKeyName } from './key-name.ts';
import { nobleSignatures, type SignaturePrimitives } from './primitives.ts';
import { isSafeEd25519Key, p256PointOf } from './public-key.ts';
import type { KeyType, VerifierKey } from './signer.ts';

/** Least bytes of a shared secret. */
export const MIN_SECRET_BYTES = 32;

/** Signature types as a verifier key spells them (formats.md, "Tree, checkpoint, keys"). */
const TYPE_BYTES: Readonly<Record<KeyType, Uint8Array>> = {
  ed25519: Uint8Array.of(0x01),
  'ecdsa-p256': Uint8Array.of(0x02),
  // 0xff opens the space of names of one's own.
  'hmac-sha256': concatBytes(Uint8Array.of(0xff), utf8ToBytes('audit-hmac-sha256')),
};

/**
 * Reads a verifier key, `<name>+<id>+<base64(type ‖ public part)>`. Its id is computed again and must match.
 * An HMAC key checks nothing until its secret is given: see `hmacVerifierKey`.
 * @throws AuditError `KEY_INVALID`
 */
export function parseVerifierKey(
  vkey: string,
  signatures: SignaturePrimitives = nobleSignatures,
): VerifierKey {
  // Base64 may contain a plus itself: only the first two separate.
  const match = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(vkey);
  if (match === null) throw invalid('it does not have the form <name>+<id>+<key>');
  const [, name, id, encoded] = match as unknown as [string, string, string, string];
  const bytes = decodeBase64(encoded);
  if (bytes === undefined) throw invalid('its last part is not canonical base64');
  const type = typeOf(bytes);
  if (type === undefined)
    throw invalid(`its signature type 0x${bytesToHex(bytes.subarray(0, 1))} is not known`);
  const publicPart = bytes.slice(TYPE_BYTES[type].length);
  const key =
    type === 'hmac-sha256'
      ? hmacKeyWithoutSecret(name, publicPart)
      : verifierKey(name, type, publicPart, signatures);
  if (id !== key.id) throw invalid(`its id is ${JSON.stringify(id)} but computes to ${key.id}`);
  return key;
}

/**
 * The verifier key of a public key: 32 bytes for Ed25519, SPKI DER for P-256.
 * @throws AuditError `KEY_INVALID`
 */
export function verifierKey(
  name: string,
  type: Exclude<KeyType, 'hmac-sha256'>,
  publicKey: Uint8Array,
  signatures: SignaturePrimitives = nobleSignatures,
): VerifierKey {
  assertKeyName(name);
  if (!isPoint(type, publicKey)) throw invalid(`its public key is not a safe ${type} key`);
  // The copy cannot be changed by who passed the original, and is one identity for caches of parsed keys.
  const key = Uint8Array.from(publicKey);
  const check = type === 'ed25519' ? signatures.ed25519 : signatures.ecdsaP256;
  return {
    ...described(name, type, key),
    symmetric: false,
    verify: (text, signature) => check(key, text, signature),
  };
}

/**
 * The verifier key of a shared secret of at least 32 random bytes. It finds changes by those who do not have the
 * secret; who can check can forge.
 * @throws AuditError `KEY_INVALID`
 */
export function hmacVerifierKey(name: string, secret: Uint8Array): VerifierKey {
  assertKeyName(name);
  assertSecret(secret);
  const key = Uint8Array.from(secret);
  return {
    ...described(name, 'hmac-sha256', hmacPublicPart(key)),
    symmetric: true,
    verify: (text, signature) => equalBytes(hmac(sha256, key, text), signature),
  };
}

/** The text of a verifier key. */
export function formatVerifierKey(name: string, type: KeyType, publicPart: Uint8Array): string {
  return described(name, type, publicPart).vkey;
}

/** @throws AuditError `KEY_INVALID` */
export function assertSecret(secret: Uint8Array): void {
  if (secret.length < MIN_SECRET_BYTES) {
    throw new AuditError(
      'KEY_INVALID',
      `An HMAC secret must have at least ${MIN_SECRET_BYTES} random bytes.`,
    );
  }
}

function hmacKeyWithoutSecret(name: string, publicPart: Uint8Array): VerifierKey {
  assertKeyName(name);
  if (publicPart.length !== 32) throw invalid('its public part does not have 32 bytes');
  return {
    ...described(name, 'hmac-sha256', publicPart),
    symmetric: true,
    needsSecret: true,
    verify: () => false,
  };
}

/** Tells secrets apart without giving them away: a hash, under a prefix no signed text begins with. */
function hmacPublicPart(secret: Uint8Array): Uint8Array {
  return sha256(concatBytes(utf8ToBytes('audit-hmac-sha256 id'), secret));
}

function described(name: string, type: KeyType, publicPart: Uint8Array) {
  const typed = concatBytes(TYPE_BYTES[type], publicPart);
  // ECDSA is older than the rule: its key id does not cover the name.
  const identity = type === 'ecdsa-p256' ? publicPart : concatBytes(utf8ToBytes(`${name}\n`), typed);
  const id = bytesToHex(sha256(identity).subarray(0, 4));
  return { name, id, type, vkey: `${name}+${id}+${encodeBase64(typed)}` };
}

function typeOf(bytes: Uint8Array): KeyType | undefined {
  const types = Object.keys(TYPE_BYTES) as KeyType[];
  return types.find((type) => TYPE_BYTES[type].every((byte, i) => byte === bytes[i]));
}

function isPoint(type: Exclude<KeyType, 'hmac-sha256'>, publicKey: Uint8Array): boolean {
  try {
    if (type === 'ed25519') {
      if (!isSafeEd25519Key(publicKey)) return false;
      ed25519.Point.fromBytes(publicKey, false);
    } else {
      const point = p256PointOf(publicKey);
      if (point === undefined) return false;
      p256.Point.fromBytes(point).assertValidity();
    }
    return true;
  } catch {
    return false;
  }
}

function assertKeyName(name: string): void {
  if (!isKeyName(name)) {
    throw invalid(
      `its name ${JSON.stringify(name)} is empty or contains a space, a plus or a control character`,
    );
  }
}

/** Compares without telling by its duration where the difference is. */
function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

function invalid(why: string): AuditError {
  return new AuditError('KEY_INVALID', `This is not a usable verifier key: ${why}.`);
}
