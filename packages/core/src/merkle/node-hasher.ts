// The same hash by node:crypto, for the writer and for verification on a server. Never imported by verify/.
import { hash } from 'node:crypto';
import type { Hasher } from './hasher.ts';

// One scratch buffer: hashing is synchronous, so no two calls ever share it.
const pair = Buffer.alloc(65);
pair[0] = 0x01;

/** Node's one-shot `crypto.hash` with hex output: several times cheaper than one that returns a Buffer. */
export const nodeHasher: Hasher = {
  leaf(entry) {
    if (typeof entry === 'string') return hash('sha256', `\0${entry}`, 'hex');
    const input = Buffer.allocUnsafe(entry.length + 1);
    input[0] = 0x00;
    input.set(entry, 1);
    return hash('sha256', input, 'hex');
  },
  node(left, right) {
    pair.write(left, 1, 32, 'hex');
    pair.write(right, 33, 32, 'hex');
    return hash('sha256', pair, 'hex');
  },
  digest(data) {
    return hash('sha256', data, 'hex');
  },
};
