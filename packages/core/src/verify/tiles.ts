// The stored tree against the one computed. Wrong hashes can be made again from entries; where those are pruned, not.
import type { Findings } from './findings.ts';
import type { LogSource } from './source.ts';
import { compareLevel } from './stored-leaves.ts';
import type { TreeFold } from './tree.ts';

const TILE_WIDTH = 256;

export interface StoredTree {
  /** Entries under the newest note, and the first that is not pruned. */
  readonly size: number;
  readonly minimum: number;
  /** The first leaf that is stored wrongly, and the end of what is stored where that is too short. */
  readonly wrongAt: number | null;
  readonly storedEnd: number | null;
}

/** Compares level 0 as the pass found it and every level above with the fold's. */
export async function checkTree(
  source: LogSource,
  fold: TreeFold,
  { size, minimum, wrongAt, storedEnd }: StoredTree,
  findings: Findings,
): Promise<void> {
  if (wrongAt !== null)
    report(0, wrongAt, minimum, `tree/0 is not made of these entries from ${wrongAt} on`, findings);
  if (storedEnd !== null && storedEnd < size) {
    report(0, storedEnd, minimum, `tree/0 holds ${storedEnd} of ${size} hashes`, findings);
  }
  for (const [i, hashes] of fold.levels.entries()) {
    const at = await compareLevel(source, i + 1, hashes);
    if (at !== null)
      report(i + 1, at, minimum, `hash ${at} of tree/${i + 1} is wrong or not there`, findings);
  }
}

function report(level: number, index: number, minimum: number, what: string, findings: Findings): void {
  const width = TILE_WIDTH ** level;
  const from = index * width;
  const seq = level === 0 ? from : { from, to: from + width };
  if (from < minimum) {
    const message = `${what}; the entries below ${minimum} are pruned, so it cannot be made again.`;
    findings.add('tree-mismatch', seq, sentence(message), { verdict: 'tampered' });
  } else {
    findings.add('tree-mismatch', seq, sentence(`${what}; opening the log for writing makes it again.`));
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
