// Canonical base64 (RFC 4648 §4, padded), and hashes spelled in it. Runs anywhere.
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Hash } from '../merkle/hasher.ts';

export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * The bytes, or undefined where the text is anything but their one canonical spelling. Decoders pass over white
 * space, missing padding and stray bits; what is signed must not have a second spelling, so it is encoded again.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return undefined;
  }
  if (btoa(binary) !== text) return undefined;
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** A hash as checkpoints and proofs spell it. */
export function hashToBase64(hash: Hash): string {
  return encodeBase64(hexToBytes(hash));
}

/** The hash, or undefined where the text is not canonical base64 of 32 bytes. */
export function hashFromBase64(text: string): Hash | undefined {
  const bytes = decodeBase64(text);
  return bytes?.length === 32 ? bytesToHex(bytes) : undefined;
}
