// What signs a note, and what checks one. Types only: keys may live in a file, a KMS or a browser.

/** The C2SP signature types this package knows. `symmetric` ones prove nothing to a third party. */
export type KeyType = 'ed25519' | 'ecdsa-p256' | 'hmac-sha256';

/** The public half of a key, as its verifier key (vkey) spells it. Source: C2SP signed-note. */
export interface VerifierKey {
  /** Key name; for a log it equals the origin. */
  readonly name: string;
  /** 8 lower-case hex digits: the key id. */
  readonly id: string;
  readonly type: KeyType;
  /** True for HMAC: who can check can also forge. */
  readonly symmetric: boolean;
  /** Present where this key cannot check anything: an HMAC key without its secret (`hmacVerifierKey`). */
  readonly needsSecret?: true;
  /** `<name>+<id>+<base64(type ‖ public part)>`. */
  readonly vkey: string;
  /** True where `signature` (without the 4-byte key id) is this key's over `text`. Never throws. */
  verify(text: Uint8Array, signature: Uint8Array): boolean;
}

/**
 * Signs note texts. Held in a file by default; implement it over a KMS, Vault or an HSM to keep the key
 * elsewhere. `sign` may fail or hang: the batch stays pending and is tried again.
 */
export interface Signer {
  readonly key: VerifierKey;
  /** The signature over `text` (UTF-8 bytes), without the key id. */
  sign(text: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
