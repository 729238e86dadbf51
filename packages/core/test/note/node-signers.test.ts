import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  ecdsaP256Signer,
  ed25519Signer,
  generatePrivateKey,
  hmacSigner,
  signerFromPem,
} from '../../src/note/node-signers.ts';
import { hmacVerifierKey, parseVerifierKey } from '../../src/note/verifier-key.ts';

const name = 'shop.example/audit';
const text = new TextEncoder().encode('shop.example/audit\n0\nroot\n');
const refused = expect.objectContaining({ code: 'KEY_INVALID' });
const ed25519Pem = generatePrivateKey();
const p256Pem = generatePrivateKey('ecdsa-p256');
const secret = new Uint8Array(32).fill(3);

describe.each([
  ['Ed25519', ed25519Signer(name, ed25519Pem)],
  ['Ed25519, from a key object', ed25519Signer(name, createPrivateKey(ed25519Pem))],
  ['Ed25519, chosen by its PEM', signerFromPem(name, ed25519Pem)],
  ['ECDSA P-256', ecdsaP256Signer(name, p256Pem)],
  ['ECDSA P-256, chosen by its PEM', signerFromPem(name, p256Pem)],
  ['HMAC-SHA-256', hmacSigner(name, secret)],
])('a signer by %s', (_, signer) => {
  test('makes signatures that its key and anyone with its verifier key accept', async () => {
    const signature = await signer.sign(text);
    expect(signer.key.name).toBe(name);
    expect(signer.key.verify(text, signature)).toBe(true);
    const key = signer.key.symmetric ? hmacVerifierKey(name, secret) : parseVerifierKey(signer.key.vkey);
    expect(key.vkey).toBe(signer.key.vkey);
    expect(key.verify(text, signature)).toBe(true);
    signature[signature.length - 1]! ^= 1;
    expect(signer.key.verify(text, signature)).toBe(false);
  });
});

test('the signer chosen by a PEM is of the type of its key', () => {
  expect(signerFromPem(name, ed25519Pem).key.type).toBe('ed25519');
  expect(signerFromPem(name, p256Pem).key.type).toBe('ecdsa-p256');
});

test('generated keys are PKCS#8 PEM, and another each time', () => {
  for (const type of ['ed25519', 'ecdsa-p256'] as const) {
    expect(generatePrivateKey(type)).toMatch(
      /^-----BEGIN PRIVATE KEY-----\n[\s\S]+-----END PRIVATE KEY-----\n$/,
    );
    expect(generatePrivateKey(type)).not.toBe(generatePrivateKey(type));
  }
});

test('a key of the wrong type is refused', () => {
  expect(() => ed25519Signer(name, p256Pem)).toThrow(refused);
  expect(() => ecdsaP256Signer(name, ed25519Pem)).toThrow(refused);
  const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey;
  expect(() => ecdsaP256Signer(name, p384)).toThrow(refused);
  const pem = p384.export({ format: 'pem', type: 'pkcs8' }) as string;
  expect(() => signerFromPem(name, pem)).toThrow(refused);
  expect(() => ed25519Signer(name, generateKeyPairSync('ed25519').publicKey)).toThrow(refused);
});

test('what is no private key is refused, and not repeated in the error', () => {
  const broken = ed25519Pem.replace(/\n(.{20})/, '\nAAAA$1');
  for (const pem of ['', 'secret words', broken]) {
    expect(() => signerFromPem(name, pem)).toThrow(refused);
    expect(() => signerFromPem(name, pem)).not.toThrow(/secret words|AAAA/);
  }
});

test('a name that cannot name a key, and a secret too short, are refused', () => {
  for (const bad of ['', 'two words', 'a+b']) {
    expect(() => signerFromPem(bad, ed25519Pem)).toThrow(refused);
    expect(() => hmacSigner(bad, secret)).toThrow(refused);
  }
  expect(() => hmacSigner(name, secret.subarray(1))).toThrow(refused);
});

test('an HMAC signer keeps its own copy of the secret', () => {
  const given = Uint8Array.from(secret);
  const signer = hmacSigner(name, given);
  given.fill(0);
  expect(signer.key.verify(text, signer.sign(text) as Uint8Array)).toBe(true);
});
