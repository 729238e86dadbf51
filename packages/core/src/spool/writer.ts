// From events that have to be kept to lines that are durable: what comes while a write is under way shares the next one.
import { join } from 'node:path';
import { SPOOL_FILE_BYTES, spoolName } from './layout.ts';
import type { SpoolPlace } from './place.ts';
import { SpoolFile } from './spool-file.ts';

/** Bytes written and synced together, about. */
const WRITE_BYTES = 1024 * 1024;

/** A line on its way to the disk. */
export interface UnwrittenLine {
  /** What it takes, about. */
  readonly bytes: number;
  /** With its newline. */
  format(key: Uint8Array): string;
  /** It is durable, at `offset` of `file`. */
  written(file: SpoolFile, offset: number, length: number): void;
  failed(error: Error): void;
}

export interface SpoolWriterOptions {
  readonly place: SpoolPlace;
  /** Number of the first file it may make. */
  readonly firstNumber: number;
  /** A file that nothing more is written to. */
  readonly finished: (file: SpoolFile) => void;
}

/**
 * One write and one fdatasync for all that waits, so a slow disk makes larger writes, not a longer line of callers. A
 * descriptor a write or sync of which failed is never used again: what comes next goes to a new file.
 */
export class SpoolWriter {
  readonly #options: SpoolWriterOptions;
  #number: number;
  #file: SpoolFile | null = null;
  #waiting: UnwrittenLine[] = [];
  #writing: Promise<void> | null = null;

  constructor(options: SpoolWriterOptions) {
    this.#options = options;
    this.#number = options.firstNumber;
  }

  write(line: UnwrittenLine): void {
    this.#waiting.push(line);
    this.#begin();
  }

  /** Resolves when all that was handed in is durable, or has failed. */
  async settled(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  /** The file that lines are appended to is complete: nothing waits, and all that is in it has left it. */
  finish(): void {
    const file = this.#file;
    if (file === null || this.#writing !== null || file.lines > 0) return;
    this.#file = null;
    file.growing = false;
    this.#options.finished(file);
  }

  #begin(): void {
    // The same turn of the event loop brings more.
    this.#writing ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#run())
      .finally(() => {
        this.#writing = null;
        // Handed in since the last look at what waits.
        if (this.#waiting.length > 0) this.#begin();
        else this.finish();
      });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#take();
      try {
        while (!(await this.#append(lines)));
      } catch (error) {
        await this.#file?.abandon();
        this.#finishFull();
        for (const line of lines) line.failed(error as Error);
      }
    }
  }

  /** True where they are durable; false where the file was taken away. */
  async #append(lines: readonly UnwrittenLine[]): Promise<boolean> {
    this.#file ??= await this.#create();
    const file = this.#file;
    const key = await this.#options.place.key();
    const texts = lines.map((line) => line.format(key));
    let offset = file.size;
    if (!(await file.append(texts.join('')))) {
      this.#file = null;
      await file.close();
      return false;
    }
    for (const [i, line] of lines.entries()) {
      const length = Buffer.byteLength(texts[i]!);
      file.lines++;
      line.written(file, offset, length);
      offset += length;
    }
    if (file.size >= SPOOL_FILE_BYTES) this.#finishFull();
    return true;
  }

  #finishFull(): void {
    const file = this.#file;
    this.#file = null;
    if (file === null) return;
    file.growing = false;
    this.#options.finished(file);
  }

  async #create(): Promise<SpoolFile> {
    const { disk, directory } = this.#options.place;
    await this.#options.place.key();
    for (;;) {
      const number = this.#number++;
      try {
        return await SpoolFile.create(disk, join(directory, spoolName(number)), number);
      } catch (error) {
        // Another process's: the log's new owner, or one that has lost it.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  #take(): UnwrittenLine[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && bytes < WRITE_BYTES) bytes += this.#waiting[count++]!.bytes;
    return this.#waiting.splice(0, count);
  }
}
