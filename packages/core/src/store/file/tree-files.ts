// `tree/0`, `tree/1`, …: the hashes of each tile level, 32 bytes each, appended. Derived from the entries, and trusted
// only once they fold to a signed root; so they are written without a sync of their own.
import { join } from 'node:path';
import type { Hash } from '../../merkle/hasher.ts';
import type { Disk, DiskFile } from './disk.ts';
import { closeOnError, makeDirectory } from './durable.ts';
import { HASH_BYTES, TILE_WIDTH } from './layout.ts';
import { FILE_MODE } from './node-disk.ts';

export class TreeFiles {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #levels: DiskFile[] = [];
  #growing: Promise<void> = Promise.resolve();

  private constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  static async open(disk: Disk, directory: string): Promise<TreeFiles> {
    const tree = new TreeFiles(disk, directory);
    // Reading only: a level that is not there is made by the first write to it.
    try {
      for (let level = 0; ; level++) {
        const file = await disk.open(join(directory, String(level)));
        if (file === null) return tree;
        tree.#levels.push(file);
      }
    } catch (error) {
      await tree.close().catch(() => {});
      throw error;
    }
  }

  /** Hashes that `size` leaves have on tile level `level`. */
  static width(level: number, size: number): number {
    return Math.floor(size / TILE_WIDTH ** level);
  }

  /** Writes `hashes` from index `from` on. Overwrites what an append that failed left there. */
  async write(level: number, from: number, hashes: readonly Hash[]): Promise<void> {
    if (hashes.length === 0) return;
    const file = await this.#level(level);
    await file.write(Buffer.from(hashes.join(''), 'hex'), from * HASH_BYTES);
  }

  /** Hashes `from` ≤ i < `to`; fewer where the file is shorter. */
  async read(level: number, from: number, to: number): Promise<Hash[]> {
    const file = this.#levels[level];
    if (file === undefined || to <= from) return [];
    const bytes = await file.read(from * HASH_BYTES, (to - from) * HASH_BYTES);
    const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
    const hashes: Hash[] = [];
    for (let at = 0; at + 64 <= hex.length; at += 64) hashes.push(hex.slice(at, at + 64));
    return hashes;
  }

  /** Cuts every level to what `size` leaves have: what is past it belongs to no committed entry. */
  async cut(size: number): Promise<void> {
    for (const [level, file] of this.#levels.entries()) {
      const bytes = TreeFiles.width(level, size) * HASH_BYTES;
      if ((await file.size()) > bytes) await file.truncate(bytes);
    }
  }

  async sync(): Promise<void> {
    for (const file of this.#levels) await file.datasync();
  }

  async close(): Promise<void> {
    for (const file of this.#levels) await file.close();
  }

  async #level(level: number): Promise<DiskFile> {
    const file = this.#levels[level];
    if (file !== undefined) return file;
    // Levels of one batch are written side by side; files are made one after another.
    const grown = this.#growing.then(() => this.#grow(level));
    this.#growing = grown.catch(() => {});
    await grown;
    return this.#levels[level]!;
  }

  async #grow(level: number): Promise<void> {
    for (let next = this.#levels.length; next <= level; next++) {
      await makeDirectory(this.#disk, this.#directory);
      const path = join(this.#directory, String(next));
      const file = (await this.#disk.open(path)) ?? (await this.#disk.create(path, FILE_MODE));
      // `sync` makes contents durable, not names.
      await closeOnError(file, () => this.#disk.syncDirectory(this.#directory));
      this.#levels.push(file);
    }
  }
}
