// The file that remembers alerts and the place in the log over a crash. Appended to, and written anew when it has grown.
import { join } from 'node:path';
import {
  type Disk,
  type DiskFile,
  makeDirectory,
  nodeDisk,
  readText,
  replaceFile,
} from '@audit/core/internal';

/** Folder in the private side. */
export const ALERTS_DIRECTORY = 'alerts';
export const JOURNAL_FILE = 'journal.jsonl';
/** Written anew once it is this many bytes longer than what of it still counts. */
const MAX_GROWTH = 1_048_576;

/** Any JSON. */
export type JournalRecord = object;

export interface JournalContents {
  readonly records: readonly JournalRecord[];
  /** Lines that are no records: the disk damaged them, or somebody did. */
  readonly unreadable: number;
}

/** Everything in the file; nothing where there is none. */
export async function readJournal(stateDirectory: string, disk: Disk = nodeDisk): Promise<JournalContents> {
  const text = (await readText(disk, join(stateDirectory, ALERTS_DIRECTORY, JOURNAL_FILE))) ?? '';
  const records: JournalRecord[] = [];
  let unreadable = 0;
  // What stands behind the last line end was not written to its end, and nobody waited for it.
  for (const line of text.split('\n').slice(0, -1)) {
    try {
      records.push(...(JSON.parse(line) as JournalRecord[]));
    } catch {
      unreadable++;
    }
  }
  return { records, unreadable };
}

export interface JournalOptions {
  readonly stateDirectory: string;
  /** Everything that counts, for writing the file anew. */
  readonly contents: () => readonly JournalRecord[];
  /** What each append ends with. */
  readonly last: () => JournalRecord;
  readonly disk?: Disk;
}

/**
 * One line is one append: a JSON array of records. A crash leaves a line whole or torn, and a torn one was not waited
 * for. So the place in the log, which ends each line, never is ahead of the alerts of the entries before it.
 *
 * An append is write · fdatasync where somebody waits; writing anew is `replaceFile`: temporary file, fsync, rename,
 * fsync of the folder. A write that failed is never tried again on the same descriptor: the next one writes anew.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #path: string;
  #file: DiskFile | null = null;
  #size = 0;
  #limit = 0;
  #records: JournalRecord[] = [];
  #sync = false;
  /** The turn that has not begun, and the one begun last or to be begun. */
  #next: Promise<void> | null = null;
  #newest: Promise<void> = Promise.resolve();
  #problem: string | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#disk = options.disk ?? nodeDisk;
    this.#directory = join(options.stateDirectory, ALERTS_DIRECTORY);
    this.#path = join(this.#directory, JOURNAL_FILE);
  }

  /** Why it cannot be written, in a sentence; undefined while it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Adds to the next append. */
  add(record: JournalRecord): void {
    this.#records.push(record);
  }

  /**
   * Appends what was added, and the place in the log. Resolves when it is written, and with `sync` when it is durable;
   * or when it failed: then `problem` says so, and all of it is in the next append.
   */
  write({ sync = false }: { readonly sync?: boolean } = {}): Promise<void> {
    this.#sync ||= sync;
    this.#next ??= this.#turn(this.#newest);
    this.#newest = this.#next;
    return this.#next;
  }

  async close(): Promise<void> {
    await this.write({ sync: true });
    await this.#file?.close().catch(() => {});
    this.#file = null;
  }

  /** One at a time. What is added until it begins is in it: an entry may fire several rules, before one place. */
  async #turn(before: Promise<void>): Promise<void> {
    await before;
    this.#next = null;
    const records = this.#records;
    const sync = this.#sync;
    this.#records = [];
    this.#sync = false;
    try {
      if (this.#file === null || this.#size > this.#limit) await this.#writeAnew();
      else await this.#append([...records, this.#options.last()], sync);
      this.#problem = undefined;
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      this.#problem = `${this.#path} cannot be written (${reason}): alerts not delivered yet would not survive a crash.`;
      await this.#file?.close().catch(() => {});
      this.#file = null;
    }
  }

  async #append(records: readonly JournalRecord[], sync: boolean): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(records)}\n`);
    await this.#file!.write(line, this.#size);
    this.#size += line.length;
    if (sync) await this.#file!.datasync();
  }

  /** What counts is taken here, in one go: it holds all that was added, and all that comes while it is written. */
  async #writeAnew(): Promise<void> {
    const lines = this.#options.contents().map((record) => `${JSON.stringify([record])}\n`);
    const bytes = Buffer.from(lines.join(''));
    await this.#file?.close();
    this.#file = null;
    await makeDirectory(this.#disk, this.#directory);
    await replaceFile(this.#disk, this.#path, bytes);
    this.#file = await this.#disk.open(this.#path);
    this.#size = bytes.length;
    this.#limit = bytes.length + MAX_GROWTH;
  }
}
