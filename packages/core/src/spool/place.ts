// Where a spool lies: its folder and key, made when they are needed first.
import type { Disk } from '../store/file/disk.ts';
import { makeDirectory } from '../store/file/durable.ts';
import { openSpoolKey } from './key.ts';

export class SpoolPlace {
  readonly disk: Disk;
  readonly directory: string;
  readonly #origin: string;
  #key: Promise<Buffer> | undefined;

  constructor(disk: Disk, directory: string, origin: string) {
    this.disk = disk;
    this.directory = directory;
    this.#origin = origin;
  }

  /**
   * The key of the lines; folder and key are made where they are not there: mkdir · fsync of the parent · the key.
   * @throws AuditError `OPTIONS_INVALID`, `STORE_IO`; Error of a system call. The next call tries again.
   */
  key(): Promise<Buffer> {
    this.#key ??= makeDirectory(this.disk, this.directory)
      .then(() => openSpoolKey(this.disk, this.directory, this.#origin))
      .catch((error) => {
        this.#key = undefined;
        throw error;
      });
    return this.#key;
  }
}
