// One commit slot: which bytes of which segment stand under which note. Pure; read by store and verification alike.
import { nodeHasher } from '../../merkle/node-hasher.ts';

/** Bytes of a slot; two of them make the `commit` file. */
export const SLOT_BYTES = 16_384;
const CHECKSUM_BYTES = 32;
const MAGIC = 'audit-commit-v1';

/** What a slot says. The line that ends at `offset` in `segment` is entry `size − 1` of the note. */
export interface Slot {
  /** Name of the segment holding the last entry, e.g. `0000000000000000.jsonl`. */
  readonly segment: string;
  /** Byte offset in it just after that entry's newline. */
  readonly offset: number;
  readonly note: string;
}

export type SlotReading =
  | { readonly state: 'empty' }
  | { readonly state: 'torn' }
  | { readonly state: 'good'; readonly slot: Slot };

/**
 * Layout: `audit-commit-v1\n`, segment, `\n`, offset, `\n`, bytes of the note, `\n`, note, zeros, and in the last
 * 32 bytes the SHA-256 of all before. Text, so that `head -c 400 commit` shows a person what stands.
 */
export function encodeSlot(slot: Slot): Uint8Array {
  const bytes = Buffer.alloc(SLOT_BYTES);
  const note = Buffer.from(slot.note);
  const header = Buffer.from(`${MAGIC}\n${slot.segment}\n${slot.offset}\n${note.length}\n`);
  if (header.length + note.length > SLOT_BYTES - CHECKSUM_BYTES) {
    throw new RangeError(`note: ${note.length} bytes do not fit a commit slot of ${SLOT_BYTES}`);
  }
  header.copy(bytes, 0);
  note.copy(bytes, header.length);
  bytes.write(checksum(bytes), SLOT_BYTES - CHECKSUM_BYTES, CHECKSUM_BYTES, 'hex');
  return bytes;
}

/** Reads one slot. All zeros: never written. A checksum that fails: torn. */
export function decodeSlot(bytes: Uint8Array): SlotReading {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length === SLOT_BYTES && buffer.every((byte) => byte === 0)) return { state: 'empty' };
  if (buffer.length !== SLOT_BYTES) return { state: 'torn' };
  if (checksum(buffer) !== buffer.toString('hex', SLOT_BYTES - CHECKSUM_BYTES)) return { state: 'torn' };
  const match = /^audit-commit-v1\n(\d{16}\.jsonl)\n(0|[1-9]\d*)\n(0|[1-9]\d*)\n/.exec(
    buffer.toString('latin1', 0, 128),
  );
  if (!match) return { state: 'torn' };
  const start = match[0].length;
  const note = buffer.toString('utf8', start, start + Number(match[3]));
  return { state: 'good', slot: { segment: match[1]!, offset: Number(match[2]), note } };
}

function checksum(slot: Buffer): string {
  return nodeHasher.digest(slot.subarray(0, SLOT_BYTES - CHECKSUM_BYTES));
}
