// Where no stored tree is authentic, entries still name their number and the hash before them: breaks are told from that.
import { type Hash, type Hasher, ZERO_HASH } from '../merkle/hasher.ts';
import { type Alignment, align } from './align.ts';
import type { Findings } from './findings.ts';
import type { RegionState } from './pass.ts';
import { type Block, type FoundLine, readBlocks } from './region.ts';
import { reportAbsent, reportAlignment, reportMalformed, reportMissing } from './report-lines.ts';

/** Entries past the lines there are that are looked for one by one: in a segment without end, and in any. */
const MAX_CLAIM_AHEAD = 65_536;
const MAX_MISSING_AHEAD = 1_048_576;

/** The entry before, where it is known. */
interface Link {
  readonly seq: number;
  readonly hash: Hash;
  readonly time: string | null;
}

export interface ChainRequest {
  readonly regions: readonly RegionState[];
  /** Entries before this one are under a root that holds. */
  readonly from: number;
  /** Entries under the newest note; Infinity where there is none. */
  readonly size: number;
  readonly hasher: Hasher;
  readonly signal?: AbortSignal | undefined;
}

/** Follows the chain from the last segment that is partly proven; returns the number of lines past the signed end. */
export async function followChain(request: ChainRequest, findings: Findings): Promise<number> {
  const { regions, from, size, hasher, signal } = request;
  let link: Link | null = { seq: -1, hash: ZERO_HASH, time: null };
  let tail = 0;
  for (const region of regions) {
    if (region.to <= from && region.to < size) {
      link = null;
      continue;
    }
    signal?.throwIfAborted();
    const { segment } = region;
    const blocks = await readBlocks(segment, segment.first, region.to - region.from, hasher, (_, read) =>
      read(),
    );
    for (const block of blocks) {
      const whole = endOf(block, region);
      const end = Math.min(whole, block.from + block.lines.length + MAX_MISSING_AHEAD);
      const names = Array.from({ length: Math.max(0, end - block.from) }, (_, i) => String(block.from + i));
      const alignment = align(
        names,
        block.lines.map(({ claim }) => (claim === null ? '' : String(claim))),
      );
      const atEnd = region.to === size && end === whole;
      const inside = inRange(alignment, block.from, from, atEnd ? names.length : Infinity);
      tail += alignment.inserted.filter(({ before }) => atEnd && before === names.length).length;
      if (atEnd) tail += block.more;
      reportAlignment(inside, block.from, (found) => block.lines[found] ?? null, findings);
      reportMissing(
        inside.missing.map((i) => block.from + i),
        atEnd ? size : null,
        findings,
      );
      if (end < whole) reportAbsent(end, whole, findings);
      link = checkLinks(alignment, block, link, from, findings);
    }
  }
  return tail;
}

/** Each entry must name the hash of the one before: where it does not, that one is not what it was. */
function checkLinks(
  alignment: Alignment,
  block: Block<FoundLine>,
  before: Link | null,
  from: number,
  findings: Findings,
): Link | null {
  // Another line with the same number may be the one the chain goes through: then it is the kept one that was added.
  const spare = new Set(alignment.inserted.map(({ found }) => block.lines[found]!.hash));
  let link = before;
  for (const { expected, found } of alignment.kept) {
    const seq = block.from + expected;
    const line = block.lines[found]!;
    const { entry, hash } = line;
    if (seq >= from) reportMalformed(line, seq, findings);
    if (entry !== null && link?.seq === seq - 1) {
      const { id, prev, time, clock } = entry;
      if (prev !== link.hash && !spare.has(prev)) {
        // The entry before is the one that no longer hashes to what it did, unless a root proves it.
        const bad = Math.max(link.seq, from);
        findings.add('entry-modified', bad, `The chain breaks between entries ${seq - 1} and ${seq}.`);
      }
      if (seq >= from && link.time !== null && time < link.time && !clock) {
        findings.add('time-backwards', seq, `Entry ${seq}: ${time} comes after ${link.time}.`, { id });
      }
    }
    link = { seq, hash, time: entry?.time ?? null };
  }
  return link;
}

function endOf(block: Block<FoundLine>, region: RegionState): number {
  const end = block.to ?? region.to;
  if (Number.isFinite(end)) return end;
  const last = block.lines.findLast(({ claim }) => claim !== null)?.claim ?? -1;
  const counted = block.from + block.lines.length;
  return Math.max(counted, Math.min(last + 1, counted + MAX_CLAIM_AHEAD));
}

/** Without what is proven, and without what stands past the signed end. */
function inRange(alignment: Alignment, first: number, from: number, end: number): Alignment {
  const unproven = ({ expected }: { expected: number }) => first + expected >= from;
  return {
    missing: alignment.missing.filter((i) => first + i >= from),
    modified: alignment.modified.filter(unproven),
    inserted: alignment.inserted.filter(({ before }) => first + before >= from && before < end),
    reordered: alignment.reordered.filter(unproven),
    kept: alignment.kept,
  };
}
