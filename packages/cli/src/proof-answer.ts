// Whether a proof file shows that an entry is in a log, and if not, whether that is tampering or not to be told.
import { AuditError, type ReportedKey, type Verdict, type VerifierKey } from '@audit/core';
import { nodeHasher, openCheckpoint, parseProof, verifyInclusion } from '@audit/core/internal';

/** What `audit verify-proof --json` prints. */
export interface ProofAnswer {
  readonly verdict: Verdict;
  /** Leaf hash of the entry, 64 hex digits. */
  readonly leaf: string;
  /** Where the proof says the entry is; null where it says nothing readable, as the next two. */
  readonly index: number | null;
  /** Entries under the checkpoint in the proof. */
  readonly size: number | null;
  readonly origin: string | null;
  readonly keys: readonly ReportedKey[];
  /** One sentence. */
  readonly message: string;
}

/**
 * `entry` are the entry's bytes, possibly with the line feed that files end in: both readings are tried. A wrong
 * signature of a trusted key and a path that leads elsewhere are tampering; a proof that cannot be read, or that no
 * trusted key signed, says nothing either way.
 */
export function checkProof(text: string, entry: Uint8Array, keys: readonly VerifierKey[]): ProofAnswer {
  const unread = {
    leaf: nodeHasher.leaf(withoutLineFeed(entry)),
    index: null,
    size: null,
    origin: null,
    keys: [],
  };
  let proof: ReturnType<typeof parseProof>;
  let opened: ReturnType<typeof openCheckpoint>;
  try {
    proof = parseProof(text);
    opened = openCheckpoint(proof.checkpointNote, keys);
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    return { ...unread, verdict: 'unverifiable', message: error.message };
  }
  const { index } = proof;
  const { origin, size, root } = opened.checkpoint;
  const read = { ...unread, index, size, origin };
  if (opened.status === 'key-unknown') {
    return {
      ...read,
      verdict: 'unverifiable',
      message: 'None of the given keys signed the checkpoint in the proof.',
    };
  }
  if (opened.status === 'signature-invalid') {
    return {
      ...read,
      verdict: 'tampered',
      message: `The signature of ${opened.key.name} under the checkpoint is wrong.`,
    };
  }
  const pinned = opened.verifiedBy.map(({ id, name, type }) => ({ id, name, type, pinned: true }));
  const leaf = [entry, withoutLineFeed(entry)]
    .map((bytes) => nodeHasher.leaf(bytes))
    .find((hash) => verifyInclusion(nodeHasher, index, size, hash, proof.hashes, root));
  return leaf === undefined
    ? {
        ...read,
        keys: pinned,
        verdict: 'tampered',
        message:
          `The log has another entry at ${index}: this one, or the proof, is not what was signed. ` +
          'The entry must be given byte for byte as stored.',
      }
    : {
        ...read,
        leaf,
        keys: pinned,
        verdict: 'intact',
        message: `The entry is number ${index} of ${origin}.`,
      };
}

function withoutLineFeed(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}
