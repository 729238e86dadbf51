// The `commit` file: two slots written in turn, and the fence that tells a writer it is no longer alone.
import { AuditError } from '../../errors.ts';
import type { Disk, DiskFile } from './disk.ts';
import { closeOnError } from './durable.ts';
import { decodeSlot, encodeSlot, SLOT_BYTES, type Slot, type SlotReading } from './slot.ts';

/** Both slots as found. */
export type Slots = readonly [SlotReading, SlotReading];

/** A `commit` file as found: to be used once it is known which slot is the newest, or closed. */
export interface FoundCommit {
  readonly slots: Slots;
  use(newest: 0 | 1): CommitFile;
  close(): Promise<void>;
}

/**
 * Owns the descriptor of `commit`. The file is made once, 32 KiB long, and never replaced: a slot write changes no
 * metadata, so fdatasync is all it needs.
 */
export class CommitFile {
  readonly #disk: Disk;
  readonly #path: string;
  #file: DiskFile;
  /** What both slots must hold as long as nobody else writes. */
  #expected: Buffer;
  /** The slot the next write goes to: the one that is not the newest good one. */
  #next: 0 | 1;
  /** The slot being written right now: what it holds says nothing yet. */
  #busy: 0 | 1 | undefined;
  #writes = 0;

  private constructor(disk: Disk, path: string, file: DiskFile, bytes: Buffer, next: 0 | 1) {
    this.#disk = disk;
    this.#path = path;
    this.#file = file;
    this.#expected = bytes;
    this.#next = next;
  }

  /** Reads and syncs both slots: a writer that was killed may have left them in the page cache only. */
  static async open(disk: Disk, path: string): Promise<FoundCommit> {
    const file = await disk.open(path);
    if (file === null)
      throw new AuditError('LOG_MISSING', `${path} is missing: restore it, or open another directory`);
    const found = await closeOnError(file, async () => {
      await file.sync();
      return Buffer.from(await file.read(0, 2 * SLOT_BYTES));
    });
    const slots: Slots = [
      decodeSlot(found.subarray(0, SLOT_BYTES)),
      decodeSlot(found.subarray(SLOT_BYTES, 2 * SLOT_BYTES)),
    ];
    const bytes = Buffer.alloc(2 * SLOT_BYTES);
    found.copy(bytes);
    return {
      slots,
      close: () => file.close(),
      use: (newest) => new CommitFile(disk, path, file, bytes, newest === 0 ? 1 : 0),
    };
  }

  /**
   * The fence. Whoever else wrote a slot, or put another file in this one's place, owns the log now. May run while
   * this writer writes a slot; that one is then looked at by the next call.
   * @throws AuditError `FENCED`, which is final
   */
  async check(): Promise<void> {
    for (;;) {
      const [busy, writes] = [this.#busy, this.#writes];
      const [bytes, current] = await Promise.all([
        this.#file.read(0, 2 * SLOT_BYTES),
        this.#file.isCurrent(),
      ]);
      if (busy !== this.#busy || writes !== this.#writes) continue; // a slot write began or ended meanwhile
      if (current && (busy === 0 || this.#holds(bytes, 0)) && (busy === 1 || this.#holds(bytes, 1))) return;
      throw this.#fenced();
    }
  }

  /**
   * Writes a slot: write · fdatasync. Once a note is signed no other root of its size may ever be, so a failure is
   * answered by the same bytes through a new descriptor (the page cache of the old one may lie about what it synced).
   * A crash before the fdatasync returns leaves this slot old, new or torn; the other one stands.
   */
  async write(slot: Slot, retries: readonly number[] = SLOT_RETRY_DELAYS): Promise<void> {
    const bytes = encodeSlot(slot);
    const position = this.#next * SLOT_BYTES;
    this.#busy = this.#next;
    for (let attempt = 0; ; attempt++) {
      try {
        if (attempt > 0) await this.#reopen(bytes, position);
        await this.#file.write(bytes, position);
        await this.#file.datasync();
        break;
      } catch (error) {
        const delay = retries[attempt];
        if (delay === undefined || (error instanceof AuditError && error.code === 'FENCED')) throw error;
        await new Promise((resolve) => setTimeout(resolve, delay));
      }
    }
    this.#expected.set(bytes, position);
    this.#next = this.#next === 0 ? 1 : 0;
    this.#busy = undefined;
    this.#writes++;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #holds(bytes: Uint8Array, slot: 0 | 1): boolean {
    const from = slot * SLOT_BYTES;
    return this.#expected.subarray(from, from + SLOT_BYTES).equals(bytes.subarray(from, from + SLOT_BYTES));
  }

  /**
   * A new descriptor. What the path names by now must still be ours to write: the other slot as this writer left it, this
   * one as it was, as it shall be, or torn.
   */
  async #reopen(bytes: Uint8Array, position: number): Promise<void> {
    const file = await this.#disk.open(this.#path);
    if (file === null) throw this.#fenced();
    await this.#file.close().catch(() => {});
    this.#file = file;
    await this.check();
    const found = await file.read(position, SLOT_BYTES);
    const ours =
      this.#expected.subarray(position, position + SLOT_BYTES).equals(found) ||
      Buffer.from(bytes).equals(found);
    if (!ours && decodeSlot(found).state === 'good') throw this.#fenced();
  }

  #fenced(): AuditError {
    return new AuditError(
      'FENCED',
      `${this.#path} was changed by someone else: this writer has stopped; find the other one, then open the log again`,
    );
  }
}

/** Pauses before a signed note is written again, in milliseconds; after the last the log stops. */
export const SLOT_RETRY_DELAYS: readonly number[] = [10, 100, 500, 1_000, 2_000];

/** The first bytes of a `commit` file: two slots never written. */
export function emptyCommit(): Uint8Array {
  return new Uint8Array(2 * SLOT_BYTES);
}
