// Nodes of the tree from stored tile levels (C2SP tlog-tiles): only every eighth level is kept. Runs anywhere.
import { AuditError } from '../errors.ts';
import type { Hash, Hasher } from './hasher.ts';

/**
 * Reads hashes `from` ≤ i < `to` of a tile level, as `AuditStore.hashes` does: level 0 are leaf hashes, level L
 * the roots of 256^L leaves each.
 */
export type ReadHashes = (level: number, from: number, to: number) => Promise<readonly Hash[]>;

/** A perfect subtree: the `index`-th of 2^`height` leaves. */
export interface TreeNode {
  readonly height: number;
  readonly index: number;
}

/** The hashes of a tile that are wanted. */
interface Span {
  readonly level: number;
  from: number;
  to: number;
}

const TILE_HEIGHT = 8;
const TILE_WIDTH = 256;

/**
 * Hashes of perfect subtrees. One read for each tile that is touched, all at once; a node is made of at most 128
 * stored hashes, those of the tile it lies in.
 * @throws AuditError `LOG_DAMAGED` where fewer hashes are stored than the tree has
 */
export async function readNodes(
  hasher: Hasher,
  nodes: readonly TreeNode[],
  hashes: ReadHashes,
): Promise<Hash[]> {
  const tiles = new Map<string, Span>();
  const wanted = nodes.map((node) => {
    const span = spanOf(node);
    const key = `${span.level}/${Math.floor(span.from / TILE_WIDTH)}`;
    const tile = tiles.get(key);
    if (tile === undefined) {
      tiles.set(key, { ...span });
    } else {
      tile.from = Math.min(tile.from, span.from);
      tile.to = Math.max(tile.to, span.to);
    }
    return { key, span };
  });
  const read = new Map(
    await Promise.all(Array.from(tiles, async ([key, tile]) => [key, await readSpan(tile, hashes)] as const)),
  );
  return wanted.map(({ key, span }) => {
    const start = tiles.get(key)!.from;
    return perfectRoot(hasher, read.get(key)!.slice(span.from - start, span.to - start));
  });
}

/** The stored hashes a node is made of: those of the tile level at or next below its height. */
function spanOf({ height, index }: TreeNode): Span {
  const level = Math.floor(height / TILE_HEIGHT);
  const width = 2 ** (height % TILE_HEIGHT);
  return { level, from: index * width, to: (index + 1) * width };
}

async function readSpan({ level, from, to }: Span, hashes: ReadHashes): Promise<readonly Hash[]> {
  const read = await hashes(level, from, to);
  if (read.length !== to - from) {
    throw new AuditError(
      'LOG_DAMAGED',
      `Tree level ${level} holds ${read.length} of the hashes ${from} to ${to - 1}. Open the log for writing to ` +
        'have its tree rebuilt from the entries.',
    );
  }
  return read;
}

/** MTH of a power of two of hashes, level by level. */
function perfectRoot(hasher: Hasher, hashes: readonly Hash[]): Hash {
  let level = hashes;
  while (level.length > 1) {
    const above: Hash[] = [];
    for (let i = 0; i < level.length; i += 2) above.push(hasher.node(level[i]!, level[i + 1]!));
    level = above;
  }
  return level[0]!;
}
