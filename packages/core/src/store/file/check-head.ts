// Opening's checks of the head: entries, tree and note must agree before anything is appended. Reads only, but for
// `tree/`, which is derived and may be rebuilt.
import { AuditError } from '../../errors.ts';
import { ENTRY_VERSION } from '../../event/model.ts';
import { CompactRange } from '../../merkle/compact-range.ts';
import { type Hash, ZERO_HASH } from '../../merkle/hasher.ts';
import { nodeHasher } from '../../merkle/node-hasher.ts';
import { consistencyProof, frontierOf, rootOf } from '../../merkle/proof.ts';
import { verifyConsistency } from '../../merkle/verify-proof.ts';
import type { Checkpoint } from '../../note/checkpoint.ts';
import type { StoredEntry } from '../store.ts';
import { TILE_WIDTH } from './layout.ts';
import { TreeFiles } from './tree-files.ts';

/** Reads committed entries `from` ≤ seq < `to`. */
export type ReadEntries = (from: number, to: number) => AsyncIterable<StoredEntry>;

/**
 * The last entry, which must be the one the newest note ends in.
 * @throws AuditError `LOG_TAMPERED`, `LOG_VERSION`
 */
export async function checkLastEntry(size: number, entries: ReadEntries): Promise<string | null> {
  if (size === 0) return null;
  let last: StoredEntry | undefined;
  for await (const entry of entries(size - 1, size)) last = entry;
  const found = last === undefined ? undefined : (fieldsOf(last.text) as { seq?: unknown; v?: unknown });
  if (found?.seq !== size - 1) {
    throw new AuditError(
      'LOG_TAMPERED',
      `the line at the committed offset is not entry ${size - 1}, which the newest checkpoint ends in: run audit verify; nothing was changed`,
    );
  }
  if (found.v !== ENTRY_VERSION) {
    throw new AuditError(
      'LOG_VERSION',
      `the log is of format version ${found.v}; this software writes version ${ENTRY_VERSION}: use the software that wrote it`,
    );
  }
  return last!.text;
}

/**
 * `tree/` must fold to the committed root. After a clean close that is enough. After anything else some of what was
 * written since the tree was last synced may be missing inside it, where the fold does not look, so it is made anew from
 * `durable` entries on; where that does not fold, from the active segment's first entry; then from everything there is.
 * @throws AuditError `LOG_TAMPERED` the entries contradict the newest note; nothing was written
 */
export async function checkTree(
  tree: TreeFiles,
  { size, root }: Checkpoint,
  trusted: { readonly clean: boolean; readonly durable: readonly number[] },
  entries: ReadEntries,
): Promise<void> {
  const read = (level: number, from: number, to: number) => tree.read(level, from, to);
  const folds = trusted.clean && (await rootOf(nodeHasher, size, read).catch(() => undefined)) === root;
  if (folds) return;
  for (const first of new Set(trusted.durable)) {
    const frontier = await frontierOf(nodeHasher, first, read).catch(() => undefined);
    if (frontier === undefined) continue;
    const range = CompactRange.from(nodeHasher, first, frontier);
    for await (const { text } of entries(first, size)) range.append(nodeHasher.leaf(text));
    if (range.size === size && range.root() === root)
      return rebuild(tree, first, frontier, entries(first, size));
  }
  throw new AuditError(
    'LOG_TAMPERED',
    `the entries do not fold to the root of the newest checkpoint (${size} entries): run audit verify to see which; nothing was changed`,
  );
}

/**
 * The entries of the last tile must be those under the root: whoever changed one since the last commit is found here, at
 * the cost of at most 256 entries. The rest is for `verify`. Returns the last leaf hash.
 * @throws AuditError `LOG_TAMPERED`
 */
export async function checkLastTile(
  tree: TreeFiles,
  size: number,
  activeFirst: number,
  entries: ReadEntries,
): Promise<Hash> {
  if (size === 0) return ZERO_HASH;
  const from = firstOfLastTile(size, activeFirst);
  const leaves = await tree.read(0, from, size);
  let count = 0;
  for await (const { seq, text } of entries(from, size)) {
    if (nodeHasher.leaf(text) !== leaves[seq - from]) {
      throw new AuditError(
        'LOG_TAMPERED',
        `entry-modified: entry ${seq} is not the one under the newest checkpoint; run audit verify; nothing was changed`,
      );
    }
    count++;
  }
  if (count !== size - from) {
    throw new AuditError(
      'LOG_TAMPERED',
      `truncated: the newest checkpoint covers ${size} entries, fewer are there; nothing was changed`,
    );
  }
  return leaves.at(-1)!;
}

/** Where the checked tail begins: the last tile, as far as the active segment holds it. */
export function firstOfLastTile(size: number, activeFirst: number): number {
  return Math.max(activeFirst, Math.floor((size - 1) / TILE_WIDTH) * TILE_WIDTH);
}

/**
 * An earlier genuine checkpoint must be a prefix of the log as it stands.
 * @throws AuditError `LOG_ROLLED_BACK`
 */
export async function checkPrefix(
  tree: TreeFiles,
  earlier: Checkpoint,
  now: Checkpoint,
  place: string,
): Promise<void> {
  if (earlier.size === 0) return;
  const proof = await consistencyProof(nodeHasher, earlier.size, now.size, (level, from, to) =>
    tree.read(level, from, to),
  );
  if (verifyConsistency(nodeHasher, earlier.size, now.size, proof, earlier.root, now.root)) return;
  throw new AuditError(
    'LOG_ROLLED_BACK',
    `the log does not continue the checkpoint of ${earlier.size} entries in ${place}: its history was replaced; run audit verify; nothing was changed`,
  );
}

/** Writes the tree anew from entry `first` on, in pieces of whole tiles. */
async function rebuild(
  tree: TreeFiles,
  first: number,
  frontier: readonly Hash[],
  entries: AsyncIterable<StoredEntry>,
): Promise<void> {
  const range = CompactRange.from(nodeHasher, first, frontier);
  await tree.cut(first);
  let start = first;
  let leaves: Hash[] = [];
  let nodes: Hash[][] = [];
  const write = async () => {
    await tree.write(0, start, leaves);
    for (const [index, hashes] of nodes.entries()) {
      if (hashes !== undefined) await tree.write(index + 1, TreeFiles.width(index + 1, start), hashes);
    }
    start += leaves.length;
    leaves = [];
    nodes = [];
  };
  for await (const { text } of entries) {
    const leaf = nodeHasher.leaf(text);
    leaves.push(leaf);
    range.append(leaf, (level, hash) => {
      for (let index = nodes.length; index < level; index++) nodes.push([]);
      nodes[level - 1]!.push(hash);
    });
    if (leaves.length === 64 * TILE_WIDTH) await write();
  }
  await write();
  await tree.sync();
}

function fieldsOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
