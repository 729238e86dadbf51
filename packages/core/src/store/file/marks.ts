// Copies of the newest note: `checkpoint` beside the log and the high-water mark outside it. At most once a second.
import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { replaceFile } from './durable.ts';
import { writeHighWater } from './high-water.ts';
import { CHECKPOINT_FILE } from './layout.ts';

/** Age of the copies at most, in milliseconds. */
export const MARKS_INTERVAL = 1_000;

export class Marks {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #stateDirectory: string;
  readonly #origin: string;
  readonly #syncTree: () => Promise<void>;
  #newest: { readonly size: number; readonly note: string } | undefined;
  #writtenSize = -1;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** Why the copies are behind, in words for `health()`. */
  problem: string | undefined;

  constructor(
    disk: Disk,
    directory: string,
    stateDirectory: string,
    origin: string,
    syncTree: () => Promise<void>,
  ) {
    this.#disk = disk;
    this.#directory = directory;
    this.#stateDirectory = stateDirectory;
    this.#origin = origin;
    this.#syncTree = syncTree;
  }

  /** Called with notes whose slot is synced, and only those: what is copied may leave the machine. */
  publish(size: number, note: string): void {
    this.#newest = { size, note };
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, MARKS_INTERVAL).unref();
  }

  /** Writes what is newest now. Never throws: a log whose mark cannot be written goes on, and says so. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const newest = this.#newest;
    if (newest === undefined || newest.size === this.#writtenSize) return;
    try {
      // The mark says that the tree is durable up to it; recovery makes anew only what is past it.
      await this.#syncTree();
      await replaceFile(this.#disk, join(this.#directory, CHECKPOINT_FILE), newest.note, { named: false });
      await writeHighWater(this.#disk, this.#stateDirectory, { origin: this.#origin, ...newest });
      this.#writtenSize = newest.size;
      this.problem = undefined;
    } catch (error) {
      this.problem = `the newest checkpoint could not be copied to ${this.#stateDirectory} (${(error as Error).message}): make that folder writable`;
    }
  }
}
