// Checkpoints (C2SP tlog-checkpoint): what a log signs about its tree. Runs anywhere.
import { bytesToHex } from '@noble/hashes/utils.js';
import { AuditError } from '../errors.ts';
import type { Hash } from '../merkle/hasher.ts';
import { decodeBase64, hashToBase64 } from './base64.ts';
import { isOrigin } from './key-name.ts';

/** The tree of a log at one size. */
export interface Checkpoint {
  /** Which log. */
  readonly origin: string;
  /** Entries in it. */
  readonly size: number;
  /** Root hash of the tree of that size. */
  readonly root: Hash;
}

/** The three lines of any C2SP log, whatever hash it uses and however large it is. */
export interface CheckpointLines {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
}

const MAX_UINT64 = 2n ** 64n - 1n;

/** The text to be signed. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!isOrigin(origin)) throw new RangeError(`origin ${JSON.stringify(origin)} cannot name a log`);
  if (!Number.isSafeInteger(size) || size < 0)
    throw new RangeError(`size must be a whole number, got ${size}`);
  if (!/^[0-9a-f]{64}$/.test(root)) throw new RangeError('root must be 64 lower-case hex digits');
  return `${origin}\n${size}\n${hashToBase64(root)}\n`;
}

/**
 * Reads the text of a note as a checkpoint of a log of ours: three lines, a SHA-256 root, at most 2^53 − 1 entries.
 * @throws AuditError `NOTE_INVALID`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const { origin, size, root } = parseCheckpointLines(text);
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw invalid(`its size ${size} is larger than 2^53 − 1, the most this implementation can count`);
  }
  if (root.length !== 32) throw invalid(`its root has ${root.length} bytes; a SHA-256 root has 32`);
  return { origin, size: Number(size), root: bytesToHex(root) };
}

/**
 * The same by the letter of the specification alone. Extension lines are refused: no log of ours has them, and
 * what nobody interprets must not travel under a signature.
 * @throws AuditError `NOTE_INVALID`
 */
export function parseCheckpointLines(text: string): CheckpointLines {
  const [origin, sizeLine, rootLine, end, ...more] = text.split('\n');
  if (origin === undefined || sizeLine === undefined || rootLine === undefined || end === undefined) {
    throw invalid('it has fewer than three lines');
  }
  if (end !== '' || more.length > 0) throw invalid('it has more than three lines');
  if (origin === '') throw invalid('its origin is empty');
  if (!/^(0|[1-9][0-9]*)$/.test(sizeLine)) throw invalid('its size is not a decimal number');
  // 20 digits hold any 64-bit number; longer ones are not worth converting.
  const size = sizeLine.length > 20 ? MAX_UINT64 + 1n : BigInt(sizeLine);
  if (size > MAX_UINT64) throw invalid('its size does not fit 64 bits');
  const root = decodeBase64(rootLine);
  if (root === undefined || root.length === 0) throw invalid('its root is not canonical base64');
  return { origin, size, root };
}

function invalid(why: string): AuditError {
  return new AuditError('NOTE_INVALID', `This is not a checkpoint: ${why}.`);
}
