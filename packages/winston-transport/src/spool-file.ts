// A bounded file of events that wait for room in the log. One event a line, with an HMAC under a key kept beside it.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { SpoolSettings } from './options.ts';

export const SPOOL_FILE = 'winston.spool';
export const SPOOL_KEY_FILE = 'winston.spool.key';
/** How many bytes of the file are in the log. */
export const SPOOL_OFFSET_FILE = 'winston.spool.offset';
/** Lines whose HMAC fails: half a line after a kill, or somebody else's. */
export const SPOOL_QUARANTINE_FILE = 'winston.spool.quarantine';

const HMAC_DIGITS = 64;
const READ_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

export interface SpoolFileOptions extends SpoolSettings {
  /** Lines that are passed by `advance` together, at most. */
  readonly chunk: number;
  /** Told of each line that went to quarantine. */
  readonly onDamage: () => void;
}

/** Lines at the front, and what `advance` needs to pass them. */
export interface SpoolBatch {
  readonly texts: readonly string[];
  readonly lines: number;
  readonly bytes: number;
  /** So many of `texts` an earlier process may have handed over already. */
  readonly doubtful: number;
}

/** Files in use in this process: two writers of one would read each other's half lines. */
const inUse = new Set<string>();

/**
 * First in, first out. Lines leave by `advance` only, which notes how far it is, and the file goes when the last has
 * left. A process killed before it was noted leaves lines that are in the log by then, one chunk of them at most; the ids
 * in them make that harmless.
 */
export class SpoolFile {
  readonly #options: SpoolFileOptions;
  readonly #path: string;
  #fd: number | undefined;
  #key: Buffer | undefined;
  #size = 0;
  #offset = 0;
  #waiting = 0;
  #doubtful = 0;

  constructor(options: SpoolFileOptions) {
    this.#options = options;
    this.#path = resolve(options.directory, SPOOL_FILE);
    this.#claim();
    if (existsSync(this.#path)) this.#open();
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** False where it is full, or the disk does not take it. The line is whole, or it is not there. */
  append(text: string): boolean {
    if (this.#waiting >= this.#options.maxLines) return false;
    try {
      const fd = this.#open();
      const line = Buffer.from(`${this.#hmac(text)} ${text}\n`);
      try {
        for (let written = 0; written < line.length; ) written += writeSync(fd, line, written);
        if (this.#options.sync) fdatasyncSync(fd);
      } catch (error) {
        ftruncateSync(fd, this.#size);
        throw error;
      }
      this.#size += line.length;
      this.#waiting++;
      return true;
    } catch {
      return false;
    }
  }

  /** Up to `max` lines at the front. Damaged ones are put aside. */
  peek(max: number): SpoolBatch {
    const texts: string[] = [];
    let lines = 0;
    let bytes = 0;
    const fd = this.#open();
    for (let length = READ_BYTES; lines < max && bytes < this.#size - this.#offset; length *= 2) {
      const chunk = Buffer.alloc(Math.min(length, this.#size - this.#offset - bytes));
      const read = readSync(fd, chunk, 0, chunk.length, this.#offset + bytes);
      if (read === 0) break;
      let from = 0;
      for (let to = chunk.indexOf(NEWLINE); to !== -1 && lines < max; to = chunk.indexOf(NEWLINE, from)) {
        this.#take(chunk.subarray(from, to), texts);
        from = to + 1;
        lines++;
      }
      bytes += from;
      // A line longer than the chunk is read again with more room.
      if (from > 0) break;
    }
    return { texts, lines, bytes, doubtful: Math.min(this.#doubtful, texts.length) };
  }

  /** The lines are in the log. */
  advance({ lines, bytes }: SpoolBatch): void {
    this.#offset += bytes;
    this.#waiting -= lines;
    this.#doubtful = Math.max(0, this.#doubtful - lines);
    writeFileSync(this.#offsetPath, String(this.#offset), { mode: 0o600 });
    if (this.#waiting > 0) return;
    // In this order: an offset of a file that is gone would skip lines of the next one.
    unlinkSync(this.#path);
    rmSync(this.#offsetPath);
    this.#size = 0;
    this.#offset = 0;
    this.#closeFile();
  }

  /** What waits goes on waiting; the next use opens it again. */
  close(): void {
    this.#closeFile();
    inUse.delete(this.#path);
  }

  #closeFile(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #claim(): void {
    if (inUse.has(this.#path)) {
      throw new RangeError(
        `options.spoolDirectory is used by another transport of this process: ${this.#options.directory}`,
      );
    }
    inUse.add(this.#path);
  }

  #open(): number {
    if (this.#fd !== undefined) return this.#fd;
    if (!inUse.has(this.#path)) this.#claim();
    mkdirSync(this.#options.directory, { recursive: true, mode: 0o700 });
    this.#key ??= readKey(join(this.#options.directory, SPOOL_KEY_FILE));
    // Of a process killed between the two removals.
    if (!existsSync(this.#path)) rmSync(this.#offsetPath, { force: true });
    const fd = openSync(this.#path, 'a+', 0o600);
    this.#fd = fd;
    const { size } = fstatSync(fd);
    // Not what this left: an earlier process has, or somebody else meanwhile.
    if (size !== this.#size) this.#recount(fd, size);
    return fd;
  }

  /** What an earlier process left: counts its lines, and ends half a line so that it becomes a damaged one. */
  #recount(fd: number, size: number): void {
    this.#size = size;
    this.#offset = readOffset(this.#offsetPath, size);
    this.#waiting = 0;
    const chunk = Buffer.alloc(READ_BYTES);
    let last = NEWLINE;
    for (let at = this.#offset; at < this.#size; ) {
      const read = readSync(fd, chunk, 0, chunk.length, at);
      if (read === 0) break;
      const part = chunk.subarray(0, read);
      for (let to = part.indexOf(NEWLINE); to !== -1; to = part.indexOf(NEWLINE, to + 1)) this.#waiting++;
      last = part[read - 1]!;
      at += read;
    }
    if (last !== NEWLINE) {
      writeSync(fd, '\n');
      this.#size++;
      this.#waiting++;
    }
    this.#doubtful = Math.min(this.#waiting, this.#options.chunk);
  }

  get #offsetPath(): string {
    return join(this.#options.directory, SPOOL_OFFSET_FILE);
  }

  #take(line: Buffer, texts: string[]): void {
    const text = line.toString('utf8', HMAC_DIGITS + 1);
    const claimed = line.toString('latin1', 0, HMAC_DIGITS);
    const actual = this.#hmac(text);
    if (claimed.length === actual.length && timingSafeEqual(Buffer.from(claimed), Buffer.from(actual))) {
      texts.push(text);
      return;
    }
    const quarantine = join(this.#options.directory, SPOOL_QUARANTINE_FILE);
    appendFileSync(quarantine, Buffer.concat([line, Buffer.from('\n')]), { mode: 0o600 });
    this.#options.onDamage();
  }

  #hmac(text: string): string {
    return createHmac('sha256', this.#key!).update(text).digest('hex');
  }
}

/** Where there is none, or none that can be, every line is read again. */
function readOffset(path: string, size: number): number {
  if (!existsSync(path)) return 0;
  const offset = Number(readFileSync(path, 'utf8'));
  return Number.isSafeInteger(offset) && offset >= 0 && offset <= size ? offset : 0;
}

/** Made once; `wx` leaves a key that is there as it is. */
function readKey(path: string): Buffer {
  if (!existsSync(path)) writeFileSync(path, randomBytes(32), { mode: 0o600, flag: 'wx' });
  return readFileSync(path);
}
