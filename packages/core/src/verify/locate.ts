// Where tree/0 folds to the signed root it is authentic: each line that was changed is named exactly.
import type { Hash, Hasher } from '../merkle/hasher.ts';
import { align } from './align.ts';
import type { Findings } from './findings.ts';
import { HASH_DIGITS, hashAt } from './hex.ts';
import type { RegionState } from './pass.ts';
import { type FoundLine, readBlocks } from './region.ts';
import { reportAlignment, reportMissing } from './report-lines.ts';
import type { StoredLeaves } from './stored-leaves.ts';

interface KnownOrRead {
  readonly hash: Hash;
  /** Read only where the hash is none of the segment's. */
  readonly line: FoundLine | null;
}

/** True where lines of the segment are not, one for one, what `tree/0` says. */
export function isSuspect(region: RegionState): boolean {
  return region.differsAt !== null || region.misaligned;
}

/**
 * Compares one segment with its authentic leaves and adds what it finds. Returns the number of lines past the
 * signed end.
 */
export async function locateIn(
  region: RegionState,
  size: number,
  stored: StoredLeaves,
  hasher: Hasher,
  findings: Findings,
): Promise<number> {
  // Up to the first difference every line is where it belongs.
  const start = region.misaligned ? region.from : (region.differsAt ?? region.to);
  const run = await stored.run(start, region.to);
  const leaves = Array.from({ length: run.length / HASH_DIGITS }, (_, i) => hashAt(run, i));
  const known = new Set(leaves);
  const blocks = await readBlocks<KnownOrRead>(
    region.segment,
    start,
    leaves.length,
    hasher,
    (hash, read) => ({ hash, line: known.has(hash) ? null : read() }),
  );
  let tail = 0;
  for (const { from, to, lines, more } of blocks) {
    const end = Math.min(to ?? region.to, region.to);
    const expected = leaves.slice(from - start, end - start);
    const alignment = align(
      expected,
      lines.map((line) => line.hash),
      (found) => claimWithin(lines[found]!.line, from),
    );
    const atEnd = end === size;
    const inside = {
      ...alignment,
      inserted: alignment.inserted.filter((one) => !atEnd || one.before < expected.length),
    };
    tail += alignment.inserted.length - inside.inserted.length + (atEnd ? more : 0);
    reportAlignment(inside, from, (found) => lines[found]!.line, findings);
    reportMissing(
      alignment.missing.map((i) => from + i),
      atEnd ? size : null,
      findings,
    );
  }
  return tail;
}

function claimWithin(line: FoundLine | null, from: number): number | null {
  return line?.claim == null ? null : line.claim - from;
}
