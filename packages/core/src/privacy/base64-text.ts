// Base64 that holds text (RFC 4648 §4 and §5), read and written back in the same spelling.
import { base64 } from '../event/base64.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const CONTROL = /[\0-\x08\x0e-\x1f\x7f]/;
const NON_ASCII = /[^\0-\x7f]/;

/** Shorter texts are not taken for base64. */
const MIN_LENGTH = 12;
// Of the alphabet alone and in both cases: no UUID, no hexadecimal hash, no plain word.
const BASE64 = /^(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9+/_-]+={0,2}$/;

/** The text behind base64 or base64url; undefined where `text` is not that, or holds no text. */
export function decodeBase64(text: string): string | undefined {
  if (text.length < MIN_LENGTH || !BASE64.test(text)) return undefined;
  const digits = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '');
  if (digits.length % 4 === 1) return undefined;
  const binary = atob(digits);
  // Most texts that merely look like base64 end here: decoded they are noise, and noise has control characters.
  if (CONTROL.test(binary)) return undefined;
  if (!NON_ASCII.test(binary)) return binary;
  const decoded = decoder.decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
  return decoded.includes('\ufffd') ? undefined : decoded;
}

/** `plain` as base64 in the spelling of `model`: its alphabet and its padding. */
export function encodeLike(model: string, plain: string): string {
  const encoded = base64(encoder.encode(plain));
  const url = /[-_]/.test(model) ? encoded.replaceAll('+', '-').replaceAll('/', '_') : encoded;
  return model.endsWith('=') || model.length % 4 === 0 ? url : url.replace(/=+$/, '');
}
