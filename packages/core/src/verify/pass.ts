// The one pass over a log: entries hashed in order, the tree folded, both compared with what is stored.
import { type Hash, type Hasher, ZERO_HASH } from '../merkle/hasher.ts';
import { firstDifference, HASH_DIGITS, hashAt } from './hex.ts';
import type { VerifyProgress } from './options.ts';
import type { Observation, ScanPart, ScanSegment } from './scan.ts';
import type { LogSource, SegmentSource } from './source.ts';
import { StoredLeaves } from './stored-leaves.ts';
import { TreeFold } from './tree.ts';

export interface PassRequest {
  readonly source: LogSource;
  readonly segments: readonly SegmentSource[];
  readonly scan: ScanSegment;
  readonly hasher: Hasher;
  /** Entries under the newest note; what is past them is counted only. Infinity where there is no note. */
  readonly size: number;
  /** Read entries `from` ≤ seq < `to`; the leaves of all others come from `tree/0`. */
  readonly from: number;
  readonly to: number;
  readonly hashesOnly: boolean;
  /** Tree sizes whose root is wanted, and entries whose leaf hash is. */
  readonly sizes: readonly number[];
  readonly leaves: readonly number[];
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What is to be said of one segment. */
export interface RegionState {
  readonly segment: SegmentSource;
  readonly index: number;
  /** Entries it should hold, by its name and the next one's. */
  readonly from: number;
  readonly to: number;
  /** The first entry whose hash is not the stored one. */
  differsAt: number | null;
  /** Lines past `to`, where another segment or the signed end begins. */
  extra: number;
  /** Bytes behind the last newline. */
  pending: number;
  /** Damaged members do not lie where the lines before them say. */
  misaligned: boolean;
}

/** Entries that no file holds: before the first segment, between two, at the end of one, or behind the last. */
export interface AbsentRange extends Range {
  readonly where: 'before' | 'between' | 'short' | 'end';
}

export interface Pass {
  readonly fold: TreeFold;
  readonly regions: readonly RegionState[];
  readonly observations: readonly Observation[];
  readonly absent: readonly AbsentRange[];
  readonly damaged: readonly Range[];
  /** Hashes in `tree/0`, as far as they were asked for; null where none was missing. */
  readonly storedEnd: number | null;
  readonly leaves: ReadonlyMap<number, Hash>;
  readonly checked: number;
}

export function runPass(request: PassRequest): Promise<Pass> {
  return new Runner(request).run();
}

class Runner {
  readonly #request: PassRequest;
  readonly #fold: TreeFold;
  readonly #stored: StoredLeaves;
  readonly #wanted: ReadonlySet<number>;
  readonly #regions: RegionState[] = [];
  readonly #observations: Observation[] = [];
  readonly #absent: AbsentRange[] = [];
  readonly #damaged: Range[] = [];
  readonly #leaves = new Map<number, Hash>();
  readonly #totalBytes: number;
  #storedEnd: number | null = null;
  /** Entries whose leaf is in the fold, or would be if it were known. */
  #cursor = 0;
  #lastLeaf: Hash | null = ZERO_HASH;
  #lastTime: string | null = null;
  #checked = 0;
  #bytes = 0;

  constructor(request: PassRequest) {
    this.#request = request;
    this.#fold = new TreeFold(request.hasher, request.sizes);
    this.#stored = new StoredLeaves(request.source);
    this.#wanted = new Set(request.leaves);
    const { segments, from, to } = request;
    for (const [index, segment] of segments.entries()) {
      const end = Math.min(segments[index + 1]?.first ?? Infinity, request.size);
      if (end <= from || segment.first >= to) continue;
      this.#regions.push({
        segment,
        index,
        from: Math.min(segment.first, request.size),
        to: Math.max(end, Math.min(segment.first, request.size)),
        differsAt: null,
        extra: 0,
        pending: 0,
        misaligned: false,
      });
    }
    this.#totalBytes = this.#regions.reduce((sum, { segment }) => sum + segment.bytes, 0);
  }

  async run(): Promise<Pass> {
    const { size, from, to, scan, hashesOnly } = this.#request;
    // All at once: a scanner with threads works ahead of the fold. A segment past the signed size begins behind `from`.
    const scans = this.#regions.map((region) =>
      scan(
        region.segment,
        {
          from: Math.max(region.from, Math.min(from, size), region.segment.first),
          limit: Math.min(region.to, to),
          hashesOnly,
        },
        region.index,
      ),
    );
    for (const [i, region] of this.#regions.entries()) {
      const start = Math.max(region.from, Math.min(from, size));
      if (start > this.#cursor) {
        // In a period the entries before it are there, only not read.
        const hole = Math.max(this.#cursor, from);
        if (start > hole)
          this.#absent.push({ from: hole, to: start, where: region.index === 0 ? 'before' : 'between' });
        await this.#fill(start);
      }
      await this.#readRegion(region, scans[i]!, start, Math.min(region.to, to));
      this.#bytes += region.segment.bytes;
      this.#progress(0);
    }
    const end = Math.min(to, size);
    const hole = Math.max(this.#cursor, Math.min(from, end));
    if (Number.isFinite(end) && hole < end) {
      this.#absent.push({ from: hole, to: end, where: end === size ? 'end' : 'between' });
    }
    if (Number.isFinite(size)) await this.#fill(size);
    return {
      fold: this.#fold,
      regions: this.#regions,
      observations: this.#observations,
      absent: this.#absent,
      damaged: this.#damaged,
      storedEnd: this.#storedEnd,
      leaves: this.#leaves,
      checked: this.#checked,
    };
  }

  async #readRegion(
    region: RegionState,
    parts: AsyncIterable<ScanPart>,
    start: number,
    end: number,
  ): Promise<void> {
    // The segment a period ends in is not read past it.
    const inPeriod = end < region.to;
    const first = Math.max(start, region.segment.first);
    for await (const part of parts) {
      this.#request.signal?.throwIfAborted();
      if (part.kind === 'leaves') await this.#append(region, part);
      else if (part.kind === 'damaged') await this.#skip(region, part.from, Math.min(part.to, end));
      else {
        region.extra = inPeriod ? 0 : Math.max(0, part.next - Math.max(end, first));
        region.pending = inPeriod ? 0 : part.pending;
        this.#lastTime = part.time ?? this.#lastTime;
      }
      this.#progress(regionShare(region, this.#cursor));
      if (inPeriod && this.#cursor >= end) break;
    }
    // Where a segment ends early the rest is taken from the tree, so that the next one is in its place again.
    if (Number.isFinite(end) && this.#cursor < end && !this.#isLast(region)) {
      this.#absent.push({ from: this.#cursor, to: end, where: 'short' });
      await this.#fill(end);
    }
  }

  async #append(region: RegionState, part: ScanPart & { kind: 'leaves' }): Promise<void> {
    this.#observe(part.observations, part);
    const stored = await this.#readStored(part.from, part.from + part.count);
    if (stored !== part.run) {
      const at = firstDifference(stored, part.run);
      const missing = at * HASH_DIGITS === stored.length;
      if (!missing) region.differsAt ??= part.from + at;
    }
    this.#take(part.run, part.from);
    this.#checked += part.count;
  }

  async #skip(region: RegionState, from: number, to: number): Promise<void> {
    if (from !== this.#cursor) {
      region.misaligned = true;
      this.#fold.stop();
      this.#cursor = from;
    }
    if (to <= from) {
      this.#damaged.push({ from, to: from });
      return;
    }
    this.#damaged.push({ from, to });
    await this.#fill(to);
  }

  /** Takes leaves no entry was read for from `tree/0`: they count only once the whole folds to a signed root. */
  async #fill(to: number): Promise<void> {
    while (this.#cursor < to) {
      this.#request.signal?.throwIfAborted();
      const next = Math.min(to, this.#cursor + 32_768);
      const run = await this.#readStored(this.#cursor, next);
      if (run.length > 0) this.#take(run, this.#cursor);
      if (this.#cursor < next) {
        this.#fold.stop();
        this.#cursor = to;
        this.#lastLeaf = null;
      }
    }
  }

  #take(run: string, from: number): void {
    const count = run.length / HASH_DIGITS;
    this.#fold.append(run);
    for (const seq of this.#wanted) {
      if (seq >= from && seq < from + count) this.#leaves.set(seq, hashAt(run, seq - from));
    }
    this.#cursor = from + count;
    this.#lastLeaf = hashAt(run, count - 1);
  }

  #observe(observations: readonly Observation[], part: ScanPart & { kind: 'leaves' }): void {
    for (const observation of observations) {
      if (observation.kind === 'seam') this.#join(observation, part);
      else this.#observations.push(observation);
    }
  }

  /** The first entry of a scan against the last one before it, whoever read that. */
  #join(seam: Observation & { kind: 'seam' }, part: ScanPart & { kind: 'leaves' }): void {
    const { seq, id, prev, time, clock } = seam;
    const before = seq === part.from ? this.#lastLeaf : hashAt(part.run, seq - part.from - 1);
    if (before !== null && before !== '' && prev !== before) {
      const problem = 'its prev is not the hash of the entry before it';
      this.#observations.push({ kind: 'unchained', seq, id, problem });
    }
    if (seq === part.from && this.#lastTime !== null && time < this.#lastTime && !clock) {
      const problem = `${time} comes after ${this.#lastTime}`;
      this.#observations.push({ kind: 'time-backwards', seq, id, problem });
    }
  }

  async #readStored(from: number, to: number): Promise<string> {
    const run = await this.#stored.run(from, to);
    const end = from + run.length / HASH_DIGITS;
    if (end < to && Number.isFinite(this.#request.size)) this.#storedEnd ??= end;
    return run;
  }

  #isLast(region: RegionState): boolean {
    return region === this.#regions.at(-1);
  }

  #progress(share: number): void {
    const { onProgress, size } = this.#request;
    const bytes = Math.round(this.#bytes + share);
    onProgress?.({
      entries: this.#checked,
      totalEntries: Number.isFinite(size) ? size : this.#checked,
      bytes: Math.min(bytes, this.#totalBytes),
      totalBytes: this.#totalBytes,
    });
  }
}

/** Bytes of a segment read so far, guessed from the entries. */
function regionShare({ segment, from, to }: RegionState, cursor: number): number {
  return Number.isFinite(to) && to > from ? (segment.bytes * (cursor - from)) / (to - from) : 0;
}
