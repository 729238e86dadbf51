// What takes the place of a secret. Runs anywhere: the HMAC is noble's.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { RedactionWay } from './options.ts';

/** What stands for a masked secret. */
export const REDACTED = '[REDACTED]';
/** What stands for a value whose redaction failed: never the value. */
export const REDACTION_ERROR = '[REDACTION_ERROR]';

const MIN_KEY_BYTES = 32;
/** Bytes of the HMAC that are kept: enough to tell secrets apart. */
const HMAC_BYTES = 16;

/** The text that stands for a secret, the same for equal secrets. */
export type Replacement = (secret: string) => string;

/** What a rule does with what it matches. */
export interface Treatment {
  readonly replacement: Replacement;
  /** Whole values go with their key. */
  readonly removes: boolean;
}

/** The treatment of each way, the key of `hmac` checked once it is needed. */
export function createTreatments(key: Uint8Array | undefined): (way: RedactionWay) => Treatment {
  const made = new Map<RedactionWay, Treatment>();
  return (way) => {
    let treatment = made.get(way);
    if (treatment === undefined) {
      treatment = { replacement: createReplacement(way, key), removes: way === 'remove' };
      made.set(way, treatment);
    }
    return treatment;
  };
}

/**
 * `mask`: `[REDACTED]`. `hmac`: `hmac:<key id>:<32 hex digits>`, the first 16 bytes of HMAC-SHA-256 over the
 * secret's UTF-8 bytes; the key id is the first 4 bytes of SHA-256("audit-redaction id" ‖ key) in hex, so that a reader knows which key
 * compares. `remove`: nothing is left inside a string; whole values go with their key.
 *
 * @throws TypeError where `hmac` has no key
 * @throws RangeError where the key is shorter than 32 bytes
 */
export function createReplacement(way: RedactionWay, key: Uint8Array | undefined): Replacement {
  if (way === 'mask') return () => REDACTED;
  if (way === 'remove') return () => '';
  if (way !== 'hmac') throw new RangeError(`privacy.way: "${way}" must be mask, remove or hmac`);
  if (!(key instanceof Uint8Array))
    throw new TypeError('privacy.hmacKey: way "hmac" needs a key as a Uint8Array');
  if (key.length < MIN_KEY_BYTES) {
    throw new RangeError(`privacy.hmacKey: ${key.length} bytes are too few, ${MIN_KEY_BYTES} are needed`);
  }
  // A copy: the caller may well wipe its own.
  const secretKey = Uint8Array.from(key);
  const id = hmacKeyId(secretKey);
  return (secret) =>
    `hmac:${id}:${bytesToHex(hmac(sha256, secretKey, utf8ToBytes(secret)).subarray(0, HMAC_BYTES))}`;
}

/** What names a key in what it made: the first 4 bytes of SHA-256("audit-redaction id" ‖ key), in hex. */
function hmacKeyId(key: Uint8Array): string {
  return bytesToHex(sha256(concat(utf8ToBytes('audit-redaction id'), key)).subarray(0, 4));
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

const REPLACED = /^(?:\[REDACTED\]|\[REDACTION_ERROR\]|hmac:[0-9a-f]{8}:[0-9a-f]{32})$/;

/** True for a text that already stands for a secret, so that redacting twice changes nothing. */
export function isReplacement(text: string): boolean {
  return (text.startsWith('[') || text.startsWith('hmac:')) && REPLACED.test(text);
}
