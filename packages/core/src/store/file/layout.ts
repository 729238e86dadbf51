// Names and sizes of the file store's directory: formats.md, *File store*. May be imported by readers and writer.

/** Two 16 KiB slots, written in turn. */
export const COMMIT_FILE = 'commit';
/** Copy of the newest note, for people and tools. */
export const CHECKPOINT_FILE = 'checkpoint';
/** Notes kept for bisecting: one JSON string a line. */
export const CHECKPOINTS_FILE = 'checkpoints';
/** Verifier keys, one a line. */
export const VKEY_FILE = 'log.vkey';
/** Who writes: JSON `{host, pid, start}`, for messages only. */
export const LOCK_FILE = 'lock';
/** Folder of the segments. */
export const ENTRIES_DIRECTORY = 'entries';
/** `log.*` entries of pruned segments that must not go, one a line. */
export const KEPT_FILE = 'kept.jsonl';
/** Folder of the tree's hashes: `tree/0` leaf hashes, `tree/1` roots of 256 leaves, … 32 bytes each. */
export const TREE_DIRECTORY = 'tree';
/** Folder of bytes found past the last commit. */
export const QUARANTINE_DIRECTORY = 'quarantine';

/** Names that belong in a log's directory; `lost+found` because a mount point is an empty directory too. */
export const OWN_NAMES: ReadonlySet<string> = new Set([
  CHECKPOINT_FILE,
  CHECKPOINTS_FILE,
  COMMIT_FILE,
  ENTRIES_DIRECTORY,
  KEPT_FILE,
  LOCK_FILE,
  QUARANTINE_DIRECTORY,
  TREE_DIRECTORY,
  VKEY_FILE,
  'lost+found',
]);

/** In the private side: JSON `{origin, size, note}`, the newest note known to be durable, at most 1 s old. */
export const HIGH_WATER_FILE = 'high-water';
/** In the private side: the signing key, PKCS#8 PEM. */
export const KEY_FILE = 'key.pem';

/** Entries a tile, a tree file's level step, and a gzip member's multiple. */
export const TILE_WIDTH = 256;
export const HASH_BYTES = 32;

/** Ending of a segment that is compressed. */
export const SEALED_SUFFIX = '.gz';

/** `0000000000000000.jsonl`: the segment whose first entry is `first`. */
export function segmentName(first: number): string {
  return `${String(first).padStart(16, '0')}.jsonl`;
}

/** First sequence number of a segment file, active or sealed; null for any other name. */
export function segmentFirst(name: string): number | null {
  const match = /^(\d{16})\.jsonl(?:\.gz)?$/.exec(name);
  return match ? Number(match[1]) : null;
}
