// What the caller kept of the log: checkpoints and receipts, read strictly.
import { AuditError } from '../errors.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import { parseNote } from '../note/note.ts';
import type { UnjudgedNote } from './notes.ts';
import type { TrustedReceipt } from './options.ts';

export interface Trusted {
  readonly notes: readonly UnjudgedNote[];
  readonly receipts: readonly TrustedReceipt[];
}

/**
 * Reads `since`: notes, receipts, or receipts as JSON text.
 * @throws AuditError `NOTE_INVALID` where something in it is neither
 */
export function readTrusted(since: readonly (string | TrustedReceipt)[]): Trusted {
  const notes: UnjudgedNote[] = [];
  const receipts: TrustedReceipt[] = [];
  for (const [index, one] of since.entries()) {
    const receipt =
      typeof one !== 'string' ? one : one.trimStart().startsWith('{') ? parseReceipt(one) : null;
    if (receipt !== null) receipts.push(checkReceipt(receipt));
    const text = receipt === null ? (one as string) : receipt.checkpoint;
    if (text === null) continue;
    parseCheckpoint(parseNote(text).text);
    notes.push({ place: 'trusted', index, text });
  }
  return { notes, receipts };
}

function parseReceipt(text: string): TrustedReceipt {
  try {
    return JSON.parse(text) as TrustedReceipt;
  } catch (cause) {
    throw new AuditError('NOTE_INVALID', 'This is neither a checkpoint nor a receipt: it is not JSON.', {
      cause,
    });
  }
}

function checkReceipt(receipt: TrustedReceipt): TrustedReceipt {
  const { seq, hash, checkpoint } = receipt;
  const sound =
    Number.isSafeInteger(seq) &&
    seq >= 0 &&
    /^[0-9a-f]{64}$/.test(hash) &&
    (checkpoint === null || typeof checkpoint === 'string');
  if (!sound) {
    throw new AuditError(
      'NOTE_INVALID',
      'This is not a receipt: it needs seq, hash (64 hex digits) and checkpoint.',
    );
  }
  return receipt;
}
