// What is recorded of a text that may hold secrets.
import { choice } from '../settings/words.ts';

/** `hash`: SHA-256 and length; `mask`: without what looks like a secret; `clear`: as the rules of privacy leave it. */
export const treatment = choice('hash', 'mask', 'clear');

/** Bytes of one text: an entry has room for no more. */
export const MOST_TEXT = 32_768;
