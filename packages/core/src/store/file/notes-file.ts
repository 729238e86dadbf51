// `checkpoints`: notes kept for bisecting, one JSON string a line, appended.
import { dirname } from 'node:path';
import type { Disk, DiskFile } from './disk.ts';
import { closeOnError } from './durable.ts';
import { FILE_MODE } from './node-disk.ts';

/** The notes of segments' ends, key changes and hours. */
export class NotesFile {
  readonly #disk: Disk;
  readonly #path: string;
  #file: DiskFile;
  #offset: number;
  readonly #notes: string[];
  /** The last append failed: part of its line may be there, and this descriptor is not to be believed. */
  #failed = false;

  private constructor(disk: Disk, path: string, file: DiskFile, offset: number, notes: string[]) {
    this.#disk = disk;
    this.#path = path;
    this.#file = file;
    this.#offset = offset;
    this.#notes = notes;
  }

  /** Opens or makes it; a last line a power cut tore is cut off (its note stands in a slot or was never published). */
  static async open(disk: Disk, path: string): Promise<NotesFile> {
    const found = await disk.open(path);
    const file = found ?? (await disk.create(path, FILE_MODE));
    return closeOnError(file, async () => {
      // `append` makes contents durable, not the name; an archive ends where one of these notes was signed.
      if (found === null) await disk.syncDirectory(dirname(path));
      const bytes = Buffer.from(await file.read(0, await file.size()));
      const notes: string[] = [];
      let good = 0;
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, good)) {
        const note = parseLine(bytes.toString('utf8', good, end));
        if (note !== undefined) notes.push(note); // a damaged line is verification's to tell
        good = end + 1;
      }
      if (good < bytes.length) {
        await file.truncate(good);
        await file.sync();
      }
      return new NotesFile(disk, path, file, good, notes);
    });
  }

  get notes(): readonly string[] {
    return this.#notes;
  }

  /** Appends a note: write · fdatasync. One that is there already as the last is not repeated. */
  async append(note: string): Promise<void> {
    if (this.#notes.at(-1) === note) return;
    const line = Buffer.from(`${JSON.stringify(note)}\n`);
    if (this.#failed) await this.#reopen();
    this.#failed = true;
    await this.#file.write(line, this.#offset);
    await this.#file.datasync();
    this.#failed = false;
    this.#offset += line.length;
    this.#notes.push(note);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #reopen(): Promise<void> {
    const file = await this.#disk.open(this.#path);
    if (file === null) throw new Error(`${this.#path} is gone`);
    await this.#file.close().catch(() => {});
    this.#file = file;
    await file.truncate(this.#offset);
  }
}

function parseLine(line: string): string | undefined {
  try {
    const note: unknown = JSON.parse(line);
    return typeof note === 'string' ? note : undefined;
  } catch {
    return undefined;
  }
}
