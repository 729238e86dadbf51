// Bytes as base64 (RFC 4648 §4), without Buffer so that it runs in browsers too. Imports nothing.

// A multiple of 3, so that pieces join without padding, and few enough arguments for one call.
const PIECE = 6_144;

/** Standard base64 with padding. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  }
  return text;
}
