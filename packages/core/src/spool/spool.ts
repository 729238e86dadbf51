// Events that could not be recorded, in a bounded file: in order, each until it stands in the log.
import { join } from 'node:path';
import type { PreparedEvent } from '../event/prepared.ts';
import { quarantineName, spoolNumber, takenNumber } from './layout.ts';
import { digestOf, formatLine, parseLine, type SpooledEvent } from './line.ts';
import type { SpoolPlace } from './place.ts';
import { quarantineLines } from './quarantine.ts';
import { scanLines } from './scan.ts';
import { SpoolFile } from './spool-file.ts';
import { SpoolWriter } from './writer.ts';

/** Bytes read back together, about. */
const READ_BYTES = 256 * 1024;
/** Damaged lines held before they are written to quarantine together. */
const QUARANTINE_LINES = 256;

/** One event in the spool. Its text is on the disk alone. */
export interface SpoolLine {
  readonly id: string;
  readonly own: boolean;
  /** Size of the log the event cannot stand before. */
  readonly size: number;
  /** The caller said so itself, so the event may stand in the log from there on. */
  readonly asked: boolean;
  /** An earlier run left it, and may have recorded it. */
  readonly before: boolean;
}

interface Line extends SpoolLine {
  readonly digest: string;
  /**
   * `writing`: not durable yet · `waiting`: for its turn · `handed`: in the queue of the log · `done`: in the log, or lost
   */
  state: 'writing' | 'waiting' | 'handed' | 'done';
  /** It is in the queue of the log, too, and need not take its turn. */
  readonly copy: boolean;
  file: SpoolFile | null;
  offset: number;
  length: number;
  /** Told once it is durable, or is not. */
  settled: ((failure: Error | null) => void)[];
}

/** What became of an event offered to the spool: `same` and `other` where its id is in it already. */
export type Kept = 'kept' | 'same' | 'other' | 'full';

export interface PutOptions {
  readonly at: string;
  readonly size: number;
  readonly asked: boolean;
  /** The event is in the queue of the log and stays there. */
  readonly copy: boolean;
}

/** What was found to be no line of this spool. */
export interface SpoolDamage {
  /** `damaged`: in quarantine · `torn`: a write that was cut short, dropped */
  readonly kind: 'damaged' | 'torn';
  readonly lines: number;
  /** Where they are now, or were. */
  readonly path: string;
}

export interface SpoolOptions {
  readonly place: SpoolPlace;
  /** Events it holds at most. */
  readonly maxEvents: number;
  /** Bytes of events not yet written, at most. */
  readonly maxUnwritten: number;
  /** Lines may be waiting for their turn, or none are left. */
  readonly changed: () => void;
  /** Told of what was found damaged after it was opened. */
  readonly damaged: (damage: SpoolDamage) => void;
}

export interface OpenedSpool {
  readonly spool: Spool;
  readonly found: readonly SpoolDamage[];
  /** No run before this one had it. */
  readonly isNew: boolean;
}

/**
 * A line leaves by `done` only, when its event is durable and signed in the log, and a file goes when its last line has
 * left. A process that is killed in between leaves lines that are in the log by then: they are `before` the next
 * run, which looks for their ids from `size` on.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #writer: SpoolWriter;
  readonly #byId = new Map<string, Line>();
  /** In order; those before `#next` have had their turn. */
  #lines: Line[] = [];
  #next = 0;
  #accepted = 0;
  #passed = 0;
  #bytes = 0;
  #unwritten = 0;
  #loads = 0;
  readonly #files = new Set<SpoolFile>();
  readonly #removals = new Set<Promise<void>>();
  #watchers: { readonly upTo: number; readonly resolve: () => void }[] = [];

  private constructor(options: SpoolOptions, firstNumber: number) {
    this.#options = options;
    const finished = (file: SpoolFile) => {
      this.#files.add(file);
      this.#removeIfDone(file);
    };
    this.#writer = new SpoolWriter({ place: options.place, firstNumber, finished });
  }

  /** Opens the spool, and reads what earlier runs left in it. Touches nothing where there is nothing. */
  static async open(options: SpoolOptions): Promise<OpenedSpool> {
    const { disk, directory } = options.place;
    const listed = await disk.list(directory);
    const names = listed ?? [];
    const spool = new Spool(options, 1 + names.reduce((most, name) => Math.max(most, takenNumber(name)), 0));
    const found: SpoolDamage[] = [];
    for (const name of names) {
      const number = spoolNumber(name);
      if (number === null) continue;
      const file = await SpoolFile.open(disk, join(directory, name), number);
      if (file === null) continue;
      spool.#files.add(file);
      found.push(...(await spool.#load(file)));
    }
    return { spool, found, isNew: listed === null };
  }

  /** Events in it. */
  get events(): number {
    return this.#byId.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Events that have not had their turn. */
  get waiting(): number {
    return this.#lines.length - this.#next;
  }

  /** How often lines of another run were found: each time some may be in the log by then. */
  get loads(): number {
    return this.#loads;
  }

  /** The least size of the log that what an earlier run left may stand from; null where it left nothing. */
  get doubtfulFrom(): number | null {
    let least: number | null = null;
    for (const { before, size } of this.#byId.values()) {
      if (before && (least === null || size < least)) least = size;
    }
    return least;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** True where the event waits for its turn: not where it is in the queue of the log. */
  isWaiting(id: string): boolean {
    const state = this.#byId.get(id)?.state;
    return state === 'waiting' || state === 'writing';
  }

  /** Takes an event. `settled` is told later, once, unless the answer is `other` or `full`. */
  put(event: PreparedEvent, options: PutOptions, settled: (failure: Error | null) => void): Kept {
    const known = this.#byId.get(event.id);
    if (known !== undefined) return this.#join(known, event, settled);
    const { maxEvents, maxUnwritten } = this.#options;
    if (this.events >= maxEvents || (this.#unwritten > 0 && this.#unwritten + event.bytes > maxUnwritten))
      return 'full';
    const { at, size, asked, copy } = options;
    const line: Line = {
      ...{ id: event.id, own: event.ownId, digest: digestOf(event), size, asked, before: false, copy },
      ...{ state: 'writing', file: null, offset: 0, length: event.bytes, settled: [settled] },
    };
    this.#add(line);
    this.#unwritten += event.bytes;
    this.#writer.write({
      bytes: event.bytes,
      format: (key) => `${formatLine(key, { event, at, size })}\n`,
      written: (file, offset, length) => {
        this.#unwritten -= event.bytes;
        this.#written(line, file, offset, length);
      },
      failed: (error) => {
        this.#unwritten -= event.bytes;
        this.#failed(line, error);
      },
    });
    return 'kept';
  }

  /** The next lines in order, as far as they can be read together; none where the next is not durable yet. */
  peek(max: number): readonly SpoolLine[] {
    const lines: Line[] = [];
    let end = 0;
    for (let i = this.#next; i < this.#lines.length && lines.length < max; i++) {
      const line = this.#lines[i]!;
      if (line.copy || line.state === 'done' || line.state === 'handed') continue;
      if (line.state === 'writing') break;
      const first = lines[0] ?? line;
      if (line.file !== first.file || line.offset + line.length - first.offset > READ_BYTES) break;
      if (lines.length > 0 && line.offset < end) break;
      lines.push(line);
      end = line.offset + line.length;
    }
    return lines;
  }

  /** What the lines of one `peek` hold; null for one that is damaged, which is put aside and told. */
  async read(lines: readonly SpoolLine[]): Promise<(SpooledEvent | null)[]> {
    const asked = lines as readonly Line[];
    const first = asked[0]!;
    const last = asked.at(-1)!;
    const bytes = await first.file!.read(first.offset, last.offset + last.length - first.offset);
    const key = await this.#options.place.key();
    const read: (SpooledEvent | null)[] = [];
    for (const { offset, length, file } of asked) {
      const text = bytes.subarray(offset - first.offset, offset - first.offset + length - 1);
      const parsed = parseLine(key, text);
      read.push(parsed);
      if (parsed === null) this.#options.damaged(await this.#quarantine(file!, [text]));
    }
    return read;
  }

  /** It is in the queue of the log. */
  handed(id: string): void {
    const line = this.#byId.get(id);
    if (line?.state === 'waiting') line.state = 'handed';
    this.#pass();
  }

  /** It is durable and signed in the log, or will never be. */
  done(id: string): void {
    const line = this.#byId.get(id);
    if (line === undefined) return;
    this.#byId.delete(id);
    this.#bytes -= line.length;
    line.state = 'done';
    this.#leave(line);
    this.#pass();
    if (this.#byId.size === 0) this.#options.changed();
  }

  /** Resolves when all that is in it now has had its turn. */
  passed(): Promise<void> {
    if (this.#passed >= this.#accepted) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ upTo: this.#accepted, resolve }));
  }

  /** Resolves when all that was handed in is durable, or has failed. */
  settled(): Promise<void> {
    return this.#writer.settled();
  }

  /** Removes files that nothing in is to be recorded of. Called once what was found in them is told. */
  tidy(): void {
    for (const file of this.#files) this.#removeIfDone(file);
  }

  /** What is in it stays for the next run. */
  async close(): Promise<void> {
    await this.#writer.settled();
    this.#writer.finish();
    while (this.#removals.size > 0) await Promise.all(this.#removals);
    for (const file of this.#files) await file.close().catch(() => {});
    this.#files.clear();
  }

  #join(line: Line, event: PreparedEvent, settled: (failure: Error | null) => void): Kept {
    if (line.digest !== digestOf(event)) return 'other';
    if (line.state === 'writing') line.settled.push(settled);
    else queueMicrotask(() => settled(null));
    return 'same';
  }

  #add(line: Line): void {
    this.#byId.set(line.id, line);
    this.#lines.push(line);
    this.#accepted++;
    this.#bytes += line.length;
  }

  #written(line: Line, file: SpoolFile, offset: number, length: number): void {
    this.#files.add(file);
    if (line.state !== 'done') this.#bytes += length - line.length;
    Object.assign(line, { file, offset, length });
    if (line.state === 'done') this.#leave(line);
    else line.state = line.copy ? 'handed' : 'waiting';
    this.#pass();
    this.#settle(line, null);
    this.#options.changed();
  }

  #failed(line: Line, error: Error): void {
    if (line.state !== 'done') {
      this.#byId.delete(line.id);
      this.#bytes -= line.length;
      line.state = 'done';
    }
    this.#pass();
    this.#settle(line, error);
    if (this.#byId.size === 0) this.#options.changed();
  }

  #settle(line: Line, failure: Error | null): void {
    const settled = line.settled;
    line.settled = [];
    for (const tell of settled) tell(failure);
  }

  /** Passes what has had its turn. */
  #pass(): void {
    while (this.#next < this.#lines.length) {
      const { state, copy } = this.#lines[this.#next]!;
      if (!copy && (state === 'waiting' || state === 'writing')) break;
      this.#next++;
      this.#passed++;
    }
    // Dropping what was passed when it is more than half moves each line once on average.
    if (this.#next * 2 > this.#lines.length) {
      this.#lines = this.#lines.slice(this.#next);
      this.#next = 0;
    }
    while (this.#watchers.length > 0 && this.#watchers[0]!.upTo <= this.#passed)
      this.#watchers.shift()!.resolve();
  }

  #leave({ file }: Line): void {
    if (file === null) return;
    file.lines--;
    if (file.growing) this.#writer.finish();
    else this.#removeIfDone(file);
  }

  #removeIfDone(file: SpoolFile): void {
    if (file.lines > 0 || file.growing || !this.#files.delete(file)) return;
    const removal = this.#remove(file)
      // It is read again by the next run, which finds its lines in the log.
      .catch(() => file.close().catch(() => {}))
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  async #remove(file: SpoolFile): Promise<void> {
    if (await file.remove()) return;
    this.#files.add(file);
    for (const damage of await this.#load(file)) this.#options.damaged(damage);
    this.#removeIfDone(file);
    this.#options.changed();
  }

  /** Takes in the lines of a file from where it was read to. */
  async #load(file: SpoolFile): Promise<SpoolDamage[]> {
    const key = await this.#options.place.key();
    const found: SpoolDamage[] = [];
    const damaged: Uint8Array[] = [];
    for await (const { bytes, offset, end, whole } of scanLines(file, file.size)) {
      file.scanned = end;
      const parsed = bytes.length === 0 ? undefined : parseLine(key, bytes);
      if (whole || parsed) file.size = file.scanned;
      if (parsed === undefined) continue;
      if (parsed !== null) this.#found(file, parsed, offset, bytes.length + 1);
      else if (whole) damaged.push(Buffer.from(bytes));
      else found.push({ kind: 'torn', lines: 1, path: file.path });
      if (damaged.length >= QUARANTINE_LINES) {
        found.push(await this.#quarantine(file, damaged.splice(0)));
      }
    }
    if (damaged.length > 0) found.push(await this.#quarantine(file, damaged));
    this.#loads++;
    return found;
  }

  #found(file: SpoolFile, { event, size }: SpooledEvent, offset: number, length: number): void {
    // Written once more by a process whose file was taken away.
    if (this.#byId.has(event.id)) return;
    file.lines++;
    this.#add({
      ...{
        id: event.id,
        own: event.ownId,
        digest: digestOf(event),
        size,
        asked: false,
        before: true,
        copy: false,
      },
      ...{ state: 'waiting', file, offset, length, settled: [] },
    });
  }

  async #quarantine(file: SpoolFile, lines: readonly Uint8Array[]): Promise<SpoolDamage> {
    const { disk, directory } = this.#options.place;
    const path = join(directory, quarantineName(file.number));
    await quarantineLines(disk, path, lines);
    return { kind: 'damaged', lines: lines.length, path };
  }
}
