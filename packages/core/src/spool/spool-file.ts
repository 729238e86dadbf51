// One file of the spool: lines are appended, read back, and the file goes once all of them have left it.
import { dirname } from 'node:path';
import type { Disk, DiskFile } from '../store/file/disk.ts';
import { FILE_MODE } from '../store/file/node-disk.ts';
import { DONE_SUFFIX } from './layout.ts';

export class SpoolFile {
  readonly number: number;
  readonly #disk: Disk;
  readonly #file: DiskFile;
  #path: string;
  /** Behind its last whole line: where the next one goes. */
  size = 0;
  /** How far it was read. */
  scanned = 0;
  /** Lines in it that are not in the log yet. */
  lines = 0;
  /** Lines are being written to it, or will be. */
  growing: boolean;

  private constructor(disk: Disk, path: string, number: number, file: DiskFile, growing: boolean) {
    this.#disk = disk;
    this.#path = path;
    this.number = number;
    this.#file = file;
    this.growing = growing;
  }

  get path(): string {
    return this.#path;
  }

  /** @throws Error `EEXIST` where the name is taken */
  static async create(disk: Disk, path: string, number: number): Promise<SpoolFile> {
    return new SpoolFile(disk, path, number, await disk.create(path, FILE_MODE), true);
  }

  /** One that an earlier run left; null where it is gone. */
  static async open(disk: Disk, path: string, number: number): Promise<SpoolFile | null> {
    const file = await disk.open(path);
    if (file === null) return null;
    const spool = new SpoolFile(disk, path, number, file, false);
    // A killed writer may have left lines in the page cache only; whoever replays them relies on them.
    await file.sync();
    return spool;
  }

  /**
   * Appends whole lines: write · fdatasync · and, for the first, fsync of the folder. Where this resolves true, they
   * survive a power cut. False: the log's new owner has read the file to its end and removed it meanwhile, so they have
   * to be written to another.
   */
  async append(text: string): Promise<boolean> {
    const bytes = Buffer.from(text);
    const first = this.size === 0;
    await this.#file.write(bytes, this.size);
    await this.#file.datasync();
    if (first) await this.#disk.syncDirectory(dirname(this.#path));
    if (!(await this.#file.isCurrent())) return false;
    this.size += bytes.length;
    this.scanned = this.size;
    return true;
  }

  read(position: number, length: number): Promise<Uint8Array> {
    return this.#file.read(position, length);
  }

  /** After a write that failed: what may stand behind the last whole line is cut off, if that is possible. */
  async abandon(): Promise<void> {
    this.growing = false;
    try {
      await this.#file.truncate(this.size);
      await this.#file.datasync();
    } catch {
      // It is read again at the next opening: half a line is no line, and a whole one bears its id.
    }
  }

  /**
   * Removes the file, whose lines as far as it was read are in the log: rename · size · unlink · fsync of the folder. False where
   * it has grown: a process that lost the log went on writing to it. What that process writes after the rename it finds
   * out of place itself (`append`), and before the rename it stands within the size.
   */
  async remove(): Promise<boolean> {
    if (!this.#path.endsWith(DONE_SUFFIX)) {
      await this.#disk.rename(this.#path, this.#path + DONE_SUFFIX);
      this.#path += DONE_SUFFIX;
    }
    if ((await this.#file.size()) > this.scanned) return false;
    await this.#disk.unlink(this.#path);
    await this.#disk.syncDirectory(dirname(this.#path));
    await this.close();
    return true;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
