// Which slot counts: the newest good one. And whether what else is known of the log allows believing it.
import { AuditError } from '../../errors.ts';
import type { Checkpoint } from '../../note/checkpoint.ts';
import { openCheckpoint } from '../../note/open.ts';
import type { VerifierKey } from '../../note/signer.ts';
import type { Slots } from './commit-file.ts';
import type { Slot } from './slot.ts';

export interface ChosenSlot {
  /** The slot the next write must not touch. */
  readonly newest: 0 | 1;
  /** Null: nothing was committed yet. */
  readonly slot: Slot | null;
  readonly checkpoint: Checkpoint | null;
  /** The other slot's checksum fails: a write that a power cut tore, or damage. */
  readonly torn: boolean;
}

/** A genuine note of this log found outside the slots. */
export interface Evidence {
  readonly place: string;
  readonly checkpoint: Checkpoint;
}

/**
 * All zeros = never written; a failed checksum = torn; newest = larger size.
 * @throws AuditError `LOG_DAMAGED` no slot can be read · `LOG_TAMPERED`, `KEY_INVALID` a slot's note is not this key's
 */
export function chooseSlot(slots: Slots, directory: string, keys: readonly VerifierKey[]): ChosenSlot {
  const good = ([0, 1] as const).flatMap((index) => {
    const reading = slots[index];
    if (reading.state !== 'good') return [];
    return [{ index, slot: reading.slot, checkpoint: genuine(reading.slot.note, directory, keys) }];
  });
  good.sort((a, b) => b.checkpoint.size - a.checkpoint.size);
  const torn = slots.some((reading) => reading.state === 'torn');
  const best = good[0];
  if (best !== undefined) {
    const { index, slot, checkpoint } = best;
    return { newest: index, slot, checkpoint, torn };
  }
  // The very first commit may have been torn: then the slot never written says "nothing yet", and is the good one.
  const empty = slots.findIndex((reading) => reading.state === 'empty');
  if (empty === -1) {
    throw new AuditError(
      'LOG_DAMAGED',
      `both slots of ${directory}/commit are damaged, so nothing says which entries stand: restore commit from a backup, or run audit doctor; nothing was changed`,
    );
  }
  return { newest: empty === 0 ? 0 : 1, slot: null, checkpoint: null, torn };
}

/**
 * Refuses a commit that genuine notes elsewhere prove to be old.
 * @throws AuditError `LOG_DAMAGED` the torn slot was a commit · `LOG_ROLLED_BACK` the directory is an older state
 */
export function checkAgainst(evidence: readonly Evidence[], chosen: ChosenSlot, directory: string): void {
  const size = chosen.checkpoint?.size ?? 0;
  const newer = evidence.find(({ checkpoint }) => checkpoint.size > size);
  if (newer === undefined) return;
  const { place, checkpoint } = newer;
  if (chosen.torn) {
    throw new AuditError(
      'LOG_DAMAGED',
      `a slot of ${directory}/commit is damaged and the other says ${size} entries, but ${place} holds a genuine checkpoint of ${checkpoint.size}: acknowledged entries would be lost; restore commit from a backup, or run audit doctor; nothing was changed`,
    );
  }
  throw new AuditError(
    'LOG_ROLLED_BACK',
    `${directory} says ${size} entries, but ${place} holds a genuine checkpoint of ${checkpoint.size}: this is an older state of the log; put the newest one back; nothing was changed`,
  );
}

/** The checkpoint of a note if one of the keys signed it; undefined else. */
export function genuineOrNothing(note: string, keys: readonly VerifierKey[]): Checkpoint | undefined {
  try {
    const opened = openCheckpoint(note, keys);
    return opened.status === 'verified' ? opened.checkpoint : undefined;
  } catch {
    return undefined;
  }
}

function genuine(note: string, directory: string, keys: readonly VerifierKey[]): Checkpoint {
  let status: string;
  try {
    const opened = openCheckpoint(note, keys);
    if (opened.status === 'verified') return opened.checkpoint;
    status = opened.status;
  } catch (cause) {
    throw new AuditError(
      'LOG_TAMPERED',
      `a slot of ${directory}/commit holds no checkpoint; nothing was changed`,
      {
        cause,
      },
    );
  }
  if (status === 'signature-invalid') {
    throw new AuditError(
      'LOG_TAMPERED',
      `signature-invalid: the checkpoint in ${directory}/commit is not signed by the key it names; run audit verify; nothing was changed`,
    );
  }
  throw new AuditError(
    'KEY_INVALID',
    `the key given is not the one that signs ${directory}: give the log's own key by keyFile, AUDIT_KEY_FILE or signer`,
  );
}
