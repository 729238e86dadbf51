// What can be said about privacy. Types only; the mechanism is in this folder, policy and adapters configure it.

/** What happens to a value a rule matches. */
export type RedactionWay = 'remove' | 'mask' | 'hmac';

export interface PrivacyOptions {
  /** Key names matched at any depth, in any case, `-`, `_` and spaces ignored. Added to the default list. */
  readonly keys?: readonly string[];
  /** Key names of the default list that are not secret here. */
  readonly allowKeys?: readonly string[];
  /** Value patterns, added to the default list. Each match inside a string is replaced. */
  readonly patterns?: readonly { readonly name: string; readonly pattern: RegExp }[];
  /** Names of default patterns that are not applied. */
  readonly allowPatterns?: readonly string[];
  /** JSON Pointers (RFC 6901) into the event for exact places; `*` stands for any one token. */
  readonly pointers?: readonly string[];
  /** Default `mask`: the value becomes `[REDACTED]`. `hmac` needs `hmacKey`. */
  readonly way?: RedactionWay;
  /** At least 32 bytes; makes equal secrets comparable without showing them. */
  readonly hmacKey?: Uint8Array;
  /** Turn the default lists off. Only for measurements. */
  readonly defaults?: boolean;
}
