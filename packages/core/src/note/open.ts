// Checking who signed a note, and which log's checkpoint it is. Runs anywhere; says what it found, judges nothing.
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { type Note, noteBytes, parseNote } from './note.ts';
import type { VerifierKey } from './signer.ts';

/**
 * What the keys say of a note (C2SP signed-note):
 * - `verified`: at least one key signed it, and no signature of a known key is wrong;
 * - `signature-invalid`: a known key's signature is wrong, whatever the others are;
 * - `key-unknown`: no signature is of a known key.
 */
export type OpenedNote =
  | { readonly status: 'verified'; readonly text: string; readonly verifiedBy: readonly VerifierKey[] }
  | { readonly status: 'signature-invalid'; readonly text: string; readonly key: VerifierKey }
  | { readonly status: 'key-unknown'; readonly text: string };

/** The same of a checkpoint; `verified` means that a key named as the origin signed it. */
export type OpenedCheckpoint = OpenedNote & { readonly checkpoint: Checkpoint };

/**
 * Checks the signatures of a note against known keys. Lines of unknown keys are passed over, and so are lines of
 * HMAC keys whose secret is not here: nothing can be said of them.
 * @throws AuditError `NOTE_INVALID` where it is not a note
 */
export function openNote(note: string | Uint8Array | Note, keys: readonly VerifierKey[]): OpenedNote {
  const { text, signatures } =
    typeof note === 'string' || note instanceof Uint8Array ? parseNote(note) : note;
  const bytes = noteBytes(text);
  const verifiedBy = new Set<VerifierKey>();
  for (const { name, keyId, signature } of signatures) {
    // Four bytes of id may be shared by several keys; the line is good if it is of any of them.
    const known = keys.filter((key) => key.name === name && key.id === keyId && key.needsSecret !== true);
    const signedBy = known.find((key) => key.verify(bytes, signature));
    if (signedBy !== undefined) verifiedBy.add(signedBy);
    else if (known[0] !== undefined) return { status: 'signature-invalid', text, key: known[0] };
  }
  if (verifiedBy.size === 0) return { status: 'key-unknown', text };
  return { status: 'verified', text, verifiedBy: [...verifiedBy] };
}

/**
 * Opens a note as the checkpoint of a log of ours. A trusted key that bears another name than the origin may be
 * another log's: its signature alone is `key-unknown`, or one log could speak for the next.
 * @throws AuditError `NOTE_INVALID` where it is not a note, or its text no checkpoint
 */
export function openCheckpoint(note: string | Uint8Array, keys: readonly VerifierKey[]): OpenedCheckpoint {
  const opened = openNote(note, keys);
  const checkpoint = parseCheckpoint(opened.text);
  if (opened.status === 'verified' && !opened.verifiedBy.some((key) => key.name === checkpoint.origin)) {
    return { status: 'key-unknown', text: opened.text, checkpoint };
  }
  return { ...opened, checkpoint };
}
