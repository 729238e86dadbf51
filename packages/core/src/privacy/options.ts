// What can be said about privacy. Types only; the mechanism is in this folder, policy and adapters configure it.

/** What happens to a value a rule matches. */
export type RedactionWay = 'remove' | 'mask' | 'hmac';

/** A name whose values are secret. A name of the default list may be given a way of its own like this. */
export interface KeyRule {
  readonly key: string;
  /** Default: `PrivacyOptions.way`. */
  readonly way?: RedactionWay;
}

/** Secrets by their looks. A default pattern may be given a way of its own by its name, without `pattern`. */
export interface PatternRule {
  readonly name: string;
  /**
   * Run by an engine whose time is linear in the length of the text: without look-around and back-references. Its
   * flags `i`, `m` and `s` count. The group `secret` is what is replaced; without one the whole match is.
   */
  readonly pattern?: RegExp;
  /** Default: `PrivacyOptions.way`. */
  readonly way?: RedactionWay;
}

/** An exact place. */
export interface PointerRule {
  readonly pointer: string;
  /** Default: `PrivacyOptions.way`. */
  readonly way?: RedactionWay;
}

export interface PrivacyOptions {
  /**
   * Default true. `false` records everything **as it is, passwords and keys included**; the log says so in its
   * `log.open` (`log.create` where it is new) and in `health()` as long as it is open. Goes with no other option.
   */
  readonly enabled?: boolean;
  /** Key names matched at any depth, in any case, `-`, `_` and spaces ignored. Added to the default list. */
  readonly keys?: readonly (string | KeyRule)[];
  /** Key names of the default list that are not secret here. */
  readonly allowKeys?: readonly string[];
  /** Value patterns, added to the default list. Each match inside a string is replaced. */
  readonly patterns?: readonly PatternRule[];
  /** Names of default patterns that are not applied. */
  readonly allowPatterns?: readonly string[];
  /** JSON Pointers (RFC 6901) into the event for exact places; `*` stands for any one token. */
  readonly pointers?: readonly (string | PointerRule)[];
  /** Default `mask`: the value becomes `[REDACTED]`. `hmac` needs `hmacKey`. A rule may have a way of its own. */
  readonly way?: RedactionWay;
  /** At least 32 bytes; makes equal secrets comparable without showing them. */
  readonly hmacKey?: Uint8Array;
  /** Turn the default lists off. Only for measurements. */
  readonly defaults?: boolean;
}
