// Base64 that holds text (RFC 4648 §4 and §5), read and written back in the same spelling.
import { base64 } from '../event/base64.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const CONTROL = /[\0-\x08\x0e-\x1f]/;

/** The text behind base64 or base64url; undefined where it is no text. */
export function decodeBase64(text: string): string | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    const decoded = decoder.decode(bytes);
    return CONTROL.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** `plain` as base64 in the spelling of `model`: its alphabet and its padding. */
export function encodeLike(model: string, plain: string): string {
  const encoded = base64(encoder.encode(plain));
  const url = /[-_]/.test(model) ? encoded.replaceAll('+', '-').replaceAll('/', '_') : encoded;
  return model.endsWith('=') || model.length % 4 === 0 ? url : url.replace(/=+$/, '');
}
