// Crafted Ed25519 keys and signatures on which lax and strict verifiers part. Made from the curve itself.
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';

const { Point } = ed25519;
type EdwardsPoint = InstanceType<typeof Point>;

/** Order of the group. */
export const L = Point.Fn.ORDER;
const FIELD = 2n ** 255n - 19n;

export interface Signed {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

export function toLittleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

export function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The eight points of order 1, 2, 4 and 8. */
export const smallOrderPoints = ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex));

/** Every encoding some decoder takes for a point of small order: the canonical ones, y ≥ p, and −0. */
export const smallOrderEncodings = smallOrderPoints.flatMap((point) => {
  const { y } = point.toAffine();
  return [y, y + FIELD]
    .filter((value) => value < 2n ** 255n)
    .flatMap((value) => [value, value + 2n ** 255n])
    .map(toLittleEndian);
});

/**
 * A signature by the secret scalar `a` with nonce `r`, with points of small order added to the key and to R, and
 * with any encodings of them. Nothing in it is random.
 */
export function craft({
  message,
  a = 12345n,
  r = 67890n,
  keyTorsion = Point.ZERO,
  nonceTorsion = Point.ZERO,
  encodedKey,
  encodedNonce,
}: {
  message: Uint8Array;
  a?: bigint;
  r?: bigint;
  keyTorsion?: EdwardsPoint;
  nonceTorsion?: EdwardsPoint;
  encodedKey?: Uint8Array;
  encodedNonce?: Uint8Array;
}): Signed {
  const publicKey = encodedKey ?? times(a).add(keyTorsion).toBytes();
  const nonce = encodedNonce ?? times(r).add(nonceTorsion).toBytes();
  const s = (r + challenge(nonce, publicKey, message) * a) % L;
  return { publicKey, message, signature: Uint8Array.from([...nonce, ...toLittleEndian(s)]) };
}

/** k of RFC 8032 §5.1.7: what the key is multiplied by. */
export function challenge(nonce: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  return fromLittleEndian(sha512(Buffer.concat([nonce, publicKey, message]))) % L;
}

function times(scalar: bigint): EdwardsPoint {
  return Point.BASE.multiplyUnsafe(scalar);
}
