// Whether a part of `tree/` stands by itself: once its entries are gone, nothing else proves that they were there.
import { AuditError } from '../../errors.ts';
import { CompactRange } from '../../merkle/compact-range.ts';
import type { Hash } from '../../merkle/hasher.ts';
import { nodeHasher } from '../../merkle/node-hasher.ts';
import { rootOf } from '../../merkle/proof.ts';
import type { ReadHashes } from '../../merkle/tiles.ts';
import type { Checkpoint } from '../../note/checkpoint.ts';
import { TILE_WIDTH } from './layout.ts';
import type { Range } from './read.ts';
import { TreeFiles } from './tree-files.ts';

/** Tiles read at once. */
const STRETCH = 128;

/**
 * Every stored hash over the leaves of `part` folds to the signed root: each whole tile to its hash one level up, and
 * what no whole tile covers to the root itself.
 *
 * @throws AuditError `LOG_TAMPERED`
 */
export async function checkTreePart(
  read: ReadHashes,
  part: Range,
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
): Promise<void> {
  if ((await rootOf(nodeHasher, size, read)) !== root) throw wrong('tree/', size);
  for (let level = 0; TreeFiles.width(level + 1, size) > 0; level++) {
    const leaves = TILE_WIDTH ** (level + 1);
    const end = Math.min(Math.ceil(part.to / leaves), TreeFiles.width(level + 1, size));
    for (let tile = Math.floor(part.from / leaves); tile < end; tile += STRETCH) {
      const to = Math.min(tile + STRETCH, end);
      const hashes = await read(level, tile * TILE_WIDTH, to * TILE_WIDTH);
      const above = await read(level + 1, tile, to);
      for (let i = tile; i < to; i++) {
        const folded = fold(hashes.slice((i - tile) * TILE_WIDTH, (i - tile + 1) * TILE_WIDTH));
        if (folded !== above[i - tile]) throw wrong(`tile ${i} of tree/${level}`, size);
      }
    }
  }
}

/** The root over one whole tile; null where it is not whole. */
function fold(hashes: readonly Hash[]): Hash | null {
  if (hashes.length !== TILE_WIDTH) return null;
  const range = CompactRange.empty(nodeHasher);
  for (const hash of hashes) range.append(hash);
  return range.root();
}

function wrong(what: string, size: number): AuditError {
  return new AuditError(
    'LOG_TAMPERED',
    `tree-mismatch: ${what} does not fold to the root of ${size} entries: run audit verify, and open the log again to have its tree made anew; nothing was archived or pruned`,
  );
}
