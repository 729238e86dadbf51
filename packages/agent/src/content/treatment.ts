// What stands in an entry for a text that may hold secrets: code, output, prompts, completions.
import { hash } from 'node:crypto';
import { canonicalize, type JsonValue, toJson } from '@audit/core';
import { createRedactor } from '@audit/core/internal';

/**
 * What is recorded of a text.
 * - `hash`: its SHA-256 and its length. Whoever can guess the text can confirm the guess.
 * - `mask`: the text, from which the default rules of privacy have taken what looks like a secret, whatever the log allows
 * - `clear`: the text. The log's own rules of privacy hold for it as for everything.
 */
export const TREATMENTS = ['hash', 'mask', 'clear'] as const;
export type Treatment = (typeof TREATMENTS)[number];

/** What is recorded of a text when nobody says. */
export const DEFAULT_TREATMENT: Treatment = 'hash';
/** Bytes of a text that are recorded, where text is. */
export const DEFAULT_TEXT = 8_192;
/** More would crowd out everything else of an entry. */
export const MAX_TEXT = 32_768;

/** Longer texts are not masked whole: only so many characters of them are looked at, and recorded at most. */
const MAX_MASKED = 1_048_576;

/** Values that are looked at, containers and what they hold alike: a long conversation has many. */
const MAX_NODES = 1_000_000;

const redactor = createRedactor();

export interface Treated {
  /** `sha256:<hex>`, or the text, or its beginning. */
  readonly told: string;
  /** Hex, of the whole text; where masking changed it, of the masked one, so that it helps nobody guess a secret. */
  readonly sha256: string;
  /** UTF-8 bytes of the whole text. */
  readonly bytes: number;
  /** The text is longer than what is told of it. */
  readonly cut: boolean;
}

/** @param most bytes of text that are told */
export function treat(text: string | Uint8Array, treatment: Treatment, most: number): Treated {
  const bytes = typeof text === 'string' ? Buffer.byteLength(text) : text.length;
  if (treatment === 'hash') {
    const sha256 = hash('sha256', text, 'hex');
    return { told: `sha256:${sha256}`, sha256, bytes, cut: false };
  }
  const whole = typeof text === 'string' ? text : Buffer.from(text).toString();
  const shown = treatment === 'mask' ? mask(whole.slice(0, MAX_MASKED)) : whole;
  const same = shown === whole || (treatment === 'mask' && shown === whole.slice(0, MAX_MASKED));
  const told = cutAtWord(shown, most);
  return {
    told,
    sha256: hash('sha256', same ? text : shown, 'hex'),
    bytes,
    cut: told !== shown || shown.length === MAX_MASKED,
  };
}

/** `treat` as members of an entry's `data`: `<name>`, `<name>Bytes`, and of a text `<name>Sha256` and `<name>Cut`. */
export function treated(
  name: string,
  text: string | Uint8Array,
  treatment: Treatment,
  most: number,
): Readonly<Record<string, unknown>> {
  const { told, sha256, bytes, cut } = treat(text, treatment, most);
  return {
    [name]: told,
    [`${name}Bytes`]: bytes,
    ...(treatment !== 'hash' && { [`${name}Sha256`]: sha256 }),
    ...(cut && { [`${name}Cut`]: true }),
  };
}

/**
 * A value as the text that is treated: texts as they are, anything else as canonical JSON (RFC 8785), so that equal values
 * have equal hashes.
 */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : canonicalize(toJson(value, { nodes: MAX_NODES }));
}

function mask(text: string): string {
  const { text: masked } = redactor.redact({ data: { text } }).event.data as { readonly text: JsonValue };
  return String(masked);
}

/** Secrets are looked for again by the log, which would not know half of one: no word is cut in two. */
function cutAtWord(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  let end = most;
  while (end > 0 && isWord(bytes[end] as number) && isWord(bytes[end - 1] as number)) end--;
  // Not inside of a character either.
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** Letters, digits, and what credentials and their encodings are made of besides. */
function isWord(byte: number): boolean {
  return byte < 0x80 && /[\w+/=.~%-]/.test(String.fromCharCode(byte));
}
