// Proof files (C2SP tlog-proof): that one entry is in a log, checkable offline. Runs anywhere.
import { AuditError } from '../errors.ts';
import type { Hash, Hasher } from '../merkle/hasher.ts';
import { verifyInclusion } from '../merkle/verify-proof.ts';
import { decodeBase64, encodeBase64, hashFromBase64, hashToBase64 } from './base64.ts';
import { openCheckpoint } from './open.ts';
import type { VerifierKey } from './signer.ts';

/** What a `.tlog-proof` holds. */
export interface TlogProof {
  /** Index of the entry. */
  readonly index: number;
  /** RFC 6962 audit path, the leaf's sibling first. */
  readonly hashes: readonly Hash[];
  /** The signed note of the tree the path leads to, verbatim. */
  readonly checkpointNote: string;
  /** Anything, for whoever reads the file. Nothing authenticates it. */
  readonly extra?: Uint8Array;
}

/** What a good proof shows. */
export interface VerifiedProof {
  readonly index: number;
  readonly size: number;
  readonly origin: string;
  readonly verifiedBy: readonly VerifierKey[];
}

const HEADER = 'c2sp.org/tlog-proof@v1';
/** A path is no longer than the tree is high, and sizes have at most 63 bits. */
const MAX_HASHES = 63;
/** Other readers stop at lines of 64 KiB. */
const MAX_LINE = 65_535;

export function formatProof({ index, hashes, checkpointNote, extra }: TlogProof): string {
  if (!Number.isSafeInteger(index) || index < 0)
    throw new RangeError(`index must be a whole number, got ${index}`);
  if (hashes.length > MAX_HASHES) throw new RangeError(`hashes must be at most ${MAX_HASHES}`);
  const extraLine = extra === undefined ? '' : `extra ${encodeBase64(extra)}\n`;
  if (extraLine.length > MAX_LINE) throw new RangeError('extra must be at most 49,146 bytes');
  const path = hashes.map((hash) => `${hashToBase64(hash)}\n`).join('');
  return `${HEADER}\n${extraLine}index ${index}\n${path}\n${checkpointNote}`;
}

/**
 * Takes a proof file apart; nothing is said yet of whether it holds.
 * @throws AuditError `PROOF_INVALID`
 */
export function parseProof(text: string): TlogProof {
  // No line of the proof is empty, so the first empty one ends it; the note has more of them.
  const end = text.indexOf('\n\n');
  if (end === -1) throw invalid('it has no empty line before the checkpoint');
  const lines = text.slice(0, end).split('\n');
  if (lines.shift() !== HEADER) throw invalid(`its first line is not ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? parseExtra(lines.shift()!) : undefined;
  const index = parseIndex(lines.shift());
  if (lines.length > MAX_HASHES) throw invalid(`it has more than ${MAX_HASHES} hashes`);
  const hashes = lines.map((line) => {
    const hash = hashFromBase64(line);
    if (hash === undefined) throw invalid('a line of its path is not canonical base64 of 32 bytes');
    return hash;
  });
  const checkpointNote = text.slice(end + 2);
  return extra === undefined ? { index, hashes, checkpointNote } : { index, hashes, checkpointNote, extra };
}

/**
 * Checks that the entry with this leaf hash is in the log: signature of a key named as the origin, then the path.
 * @throws AuditError `PROOF_INVALID`, saying what does not hold
 */
export function verifyProof(
  hasher: Hasher,
  text: string,
  leaf: Hash,
  keys: readonly VerifierKey[],
): VerifiedProof {
  const { index, hashes, checkpointNote } = parseProof(text);
  const opened = open(checkpointNote, keys);
  if (opened.status === 'key-unknown') throw invalid('none of the given keys signed its checkpoint');
  if (opened.status === 'signature-invalid') {
    throw invalid(`the signature of ${opened.key.name} under its checkpoint is wrong`);
  }
  const { origin, size, root } = opened.checkpoint;
  if (index >= size) throw invalid(`entry ${index} is not in a log of ${size}`);
  if (!verifyInclusion(hasher, index, size, leaf, hashes, root)) {
    throw invalid(`its path does not lead from this entry at ${index} to the signed root`);
  }
  return { index, size, origin, verifiedBy: opened.verifiedBy };
}

function open(note: string, keys: readonly VerifierKey[]) {
  try {
    return openCheckpoint(note, keys);
  } catch (cause) {
    throw invalid('its checkpoint cannot be read', cause);
  }
}

function parseExtra(line: string): Uint8Array {
  const bytes = line.length <= MAX_LINE ? decodeBase64(line.slice('extra '.length)) : undefined;
  if (bytes === undefined) throw invalid('its extra line is not canonical base64, or too long');
  return bytes;
}

function parseIndex(line: string | undefined): number {
  const digits = /^index (0|[1-9][0-9]{0,19})$/.exec(line ?? '')?.[1];
  if (digits === undefined) throw invalid('it has no index line');
  const index = BigInt(digits);
  if (index > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw invalid(`its index ${digits} is larger than 2^53 − 1, the most this implementation can count`);
  }
  return Number(index);
}

function invalid(why: string, cause?: unknown): AuditError {
  return new AuditError('PROOF_INVALID', `The proof does not hold: ${why}.`, { cause });
}
