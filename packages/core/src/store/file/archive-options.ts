// What archiving is told, and what it answers. Types and their defaults only.

/** How segments lie in an archive: `gzip` as the log has them, `none` as plain lines. */
export type ArchiveCompression = 'gzip' | 'none';

/** What an archive is when nothing else is said. */
export const DEFAULT_ARCHIVE_COMPRESSION: ArchiveCompression = 'gzip';

export interface ArchiveOptions {
  /** Directory of the log; it may be open, here or in another process. */
  readonly directory: string;
  /** Directory of the archive, made where it is missing; the directory above it must be there. */
  readonly archive: string;
  /** Default `gzip`. What is archived already stays as it is. */
  readonly compression?: ArchiveCompression | undefined;
  /** Verifier keys of the log. Default: those it carries itself, which prove less. */
  readonly keys?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ArchiveReport {
  readonly archive: string;
  /** The first entry the archive holds, and the first behind its last. */
  readonly first: number;
  readonly size: number;
  /** Entries that were added by this run: `from` ≤ seq < `size`. */
  readonly from: number;
  /** Names of the segments that were added, as the archive has them. */
  readonly segments: readonly string[];
  /** Bytes they take. */
  readonly bytes: number;
}
