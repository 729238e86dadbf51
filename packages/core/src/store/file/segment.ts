// A segment being written: a file of entries, one a line, and where its lines begin.
import type { DiskFile } from './disk.ts';
import { TILE_WIDTH } from './layout.ts';

/** Every `TILE_WIDTH`th line's offset is remembered, so that a read need not start at the segment's first byte. */
interface Mark {
  readonly seq: number;
  readonly offset: number;
}

export class Segment {
  /** File name in `entries/`. */
  readonly name: string;
  /** Sequence number of its first entry. */
  readonly first: number;
  /** When its first entry was written, in milliseconds since the epoch; undefined while it has none. */
  startedAt: number | undefined;
  file: DiskFile;
  readonly #marks: Mark[] = [];

  constructor(name: string, first: number, file: DiskFile, startedAt: number | undefined) {
    this.name = name;
    this.first = first;
    this.file = file;
    this.startedAt = startedAt;
  }

  /** Remembers that entry `seq` begins at byte `offset`, unless a line close before it is known. */
  mark(seq: number, offset: number): void {
    const last = this.#marks.at(-1);
    if (last === undefined || seq >= last.seq + TILE_WIDTH) this.#marks.push({ seq, offset });
    else if (seq < last.seq) {
      this.#marks.push({ seq, offset });
      this.#marks.sort((a, b) => a.seq - b.seq);
    }
  }

  /** Forgets what lies past a cut. */
  cut(offset: number): void {
    while ((this.#marks.at(-1)?.offset ?? -1) >= offset) this.#marks.pop();
  }

  /** The nearest known line at or before entry `seq`. */
  nearest(seq: number): Mark {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#marks[middle]!.seq <= seq) low = middle + 1;
      else high = middle;
    }
    return this.#marks[low - 1] ?? { seq: this.first, offset: 0 };
  }
}
