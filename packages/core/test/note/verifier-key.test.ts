import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encodeBase64 } from '../../src/note/base64.ts';
import { nodeSignatures } from '../../src/note/node-primitives.ts';
import { generatePrivateKey, hmacSigner, signerFromPem } from '../../src/note/node-signers.ts';
import type { KeyType } from '../../src/note/signer.ts';
import {
  formatVerifierKey,
  hmacVerifierKey,
  parseVerifierKey,
  verifierKey,
} from '../../src/note/verifier-key.ts';
import { c2sp } from '../c2sp.ts';
import { smallOrderEncodings, toLittleEndian } from './edwards.ts';

const name = 'shop.example/audit';
const refused = expect.objectContaining({ code: 'KEY_INVALID' });
const text = new TextEncoder().encode('a\n');
const foo = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';

/** A verifier key put together by the letter, its id right, whatever it holds. */
function compose(keyName: string, typed: Uint8Array): string {
  const hash = createHash('sha256').update(`${keyName}\n`).update(typed).digest('hex');
  return `${keyName}+${hash.slice(0, 8)}+${encodeBase64(typed)}`;
}

describe('published verifier keys', () => {
  const types = new Map<number, KeyType>([
    [1, 'ed25519'],
    [2, 'ecdsa-p256'],
  ]);
  const ours = c2sp.vkeys.filter(({ type }) => types.has(type));
  // Keys of witnesses (0x04, 0x06) and of Certificate Transparency (0x05) sign no log of ours.
  const others = [
    ...c2sp.vkeys.filter(({ type }) => !types.has(type)),
    { name: 'ML-DSA-44', vkey: c2sp.cosignature_mldsa44.vkey },
  ];

  test.each(ours)('$name is read and written', (vector) => {
    const key = parseVerifierKey(vector.vkey);
    expect(key).toMatchObject({
      name: vector.name,
      id: vector.key_id_hex,
      type: types.get(vector.type),
      symmetric: false,
      vkey: vector.vkey,
    });
    const publicPart = Buffer.from(vector.public_key_hex, 'hex');
    expect(formatVerifierKey(vector.name, key.type, publicPart)).toBe(vector.vkey);
  });

  test.each(others)('$name is of a type that is not ours, and refused as such', ({ vkey }) => {
    expect(() => parseVerifierKey(vkey)).toThrow(/signature type 0x0[456] is not known/);
  });

  test.each(c2sp.vkeys_invalid)('$why', ({ vkey }) => {
    expect(() => parseVerifierKey(vkey)).toThrow(refused);
  });
});

test('a key of each type is read back from its line, by both implementations', () => {
  for (const type of ['ed25519', 'ecdsa-p256'] as const) {
    const signer = signerFromPem(name, generatePrivateKey(type));
    const signature = signer.sign(text) as Uint8Array;
    for (const key of [
      parseVerifierKey(signer.key.vkey),
      parseVerifierKey(signer.key.vkey, nodeSignatures),
    ]) {
      expect({ ...key, verify: null }).toEqual({ ...signer.key, verify: null });
      expect(key.verify(text, signature)).toBe(true);
      expect(key.verify(Uint8Array.of(97), signature)).toBe(false);
    }
  }
});

test('the id of an ECDSA key is a hash of its SPKI alone', () => {
  const pem = generatePrivateKey('ecdsa-p256');
  const key = signerFromPem(name, pem).key;
  expect(signerFromPem('another.example', pem).key.id).toBe(key.id);
  const spki = Buffer.from(key.vkey.split('+').slice(2).join('+'), 'base64').subarray(1);
  expect(createHash('sha256').update(spki).digest('hex').slice(0, 8)).toBe(key.id);
});

test.each([
  ['nothing', ''],
  ['no plus', 'example.com/foo'],
  ['one plus', 'example.com/foo+530d903a'],
  ['no name', foo.slice('example.com/foo'.length)],
  ['a space in its name', foo.replace('com/', 'com /')],
  ['another name', foo.replace('foo', 'bar')],
  ['another id', foo.replace('530d', '530e')],
  ['an id in capitals', foo.replace('530d903a', '530D903A')],
  ['an id with more digits', foo.replace('530d903a', '00530d903a')],
  ['white space around it', ` ${foo}`],
  ['a newline after it', `${foo}\n`],
  ['base64 without padding', compose(name, new Uint8Array(33).fill(1)).slice(0, -1)],
  ['no type', `${name}+00000000+`],
  ['31 bytes', compose(name, new Uint8Array(32).fill(1))],
  ['33 bytes', compose(name, new Uint8Array(34).fill(1))],
  ['an unknown type of its own', compose(name, Buffer.from('\u00ffaudit-hmac-sha512', 'latin1'))],
  [
    'an HMAC part too short',
    compose(name, Buffer.from(`\u00ffaudit-hmac-sha256${'x'.repeat(31)}`, 'latin1')),
  ],
])('a verifier key with %s is refused', (_, vkey) => {
  expect(() => parseVerifierKey(vkey)).toThrow(refused);
});

test('Ed25519 keys of small order or in another spelling are refused', () => {
  for (const key of smallOrderEncodings) {
    expect(() => parseVerifierKey(compose(name, Uint8Array.from([1, ...key])))).toThrow(refused);
    expect(() => verifierKey(name, 'ed25519', key)).toThrow(refused);
  }
});

test('keys that are no point of their curve are refused', () => {
  expect(() => verifierKey(name, 'ed25519', toLittleEndian(2n))).toThrow(refused);
  const { vkey } = signerFromPem(name, generatePrivateKey('ecdsa-p256')).key;
  const spki = Uint8Array.from(Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1));
  expect(verifierKey(name, 'ecdsa-p256', spki).vkey).toBe(vkey);
  spki[90]! ^= 1;
  expect(() => verifierKey(name, 'ecdsa-p256', spki)).toThrow(refused);
});

test('a key does not change with the bytes it was made of', () => {
  const signer = signerFromPem(name, generatePrivateKey());
  const publicKey = Uint8Array.from(
    Buffer.from(signer.key.vkey.split('+').slice(2).join('+'), 'base64').subarray(1),
  );
  const key = verifierKey(name, 'ed25519', publicKey);
  publicKey.fill(0);
  expect(key.verify(text, signer.sign(text) as Uint8Array)).toBe(true);
});

describe('an HMAC key', () => {
  const secret = Uint8Array.from({ length: 32 }, (_, i) => i);

  test('shows a hash of its secret and nothing of the secret', () => {
    const { vkey } = hmacVerifierKey(name, secret);
    const id = createHash('sha256').update('audit-hmac-sha256 id').update(secret).digest();
    expect(vkey).toBe(
      compose(name, Buffer.concat([Uint8Array.of(0xff), Buffer.from('audit-hmac-sha256'), id])),
    );
    const shown = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64');
    expect(shown.includes(Buffer.from(secret))).toBe(false);
  });

  test('checks nothing until its secret is given', () => {
    const signer = hmacSigner(name, secret);
    const signature = signer.sign(text) as Uint8Array;
    const blind = parseVerifierKey(signer.key.vkey);
    expect(blind).toMatchObject({
      type: 'hmac-sha256',
      symmetric: true,
      needsSecret: true,
      id: signer.key.id,
    });
    expect(blind.verify(text, signature)).toBe(false);
    const key = hmacVerifierKey(name, secret);
    expect(key).toMatchObject({ symmetric: true, vkey: blind.vkey });
    expect(key.needsSecret).toBeUndefined();
    expect(key.verify(text, signature)).toBe(true);
  });

  test('refuses what another secret sealed, and what was cut or lengthened', () => {
    const signature = hmacSigner(name, secret).sign(text) as Uint8Array;
    expect(hmacVerifierKey(name, new Uint8Array(32)).verify(text, signature)).toBe(false);
    expect(hmacVerifierKey(name, secret).verify(text, signature.subarray(0, 16))).toBe(false);
    expect(hmacVerifierKey(name, secret).verify(text, Uint8Array.from([...signature, 0]))).toBe(false);
    expect(hmacVerifierKey(name, secret).verify(text, new Uint8Array())).toBe(false);
    expect(hmacVerifierKey(name, secret).verify(Uint8Array.of(97), signature)).toBe(false);
  });

  test('needs a secret of 32 bytes', () => {
    expect(() => hmacVerifierKey(name, secret.subarray(1))).toThrow(refused);
    expect(() => hmacVerifierKey('two words', secret)).toThrow(refused);
  });
});
