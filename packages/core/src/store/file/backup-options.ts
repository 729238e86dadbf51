// What a backup is told, and what it answers. Types and their defaults only.

/** Backups that stay, the newest ones. */
export const DEFAULT_BACKUPS_KEPT = 7;

export interface BackupOptions {
  /** Directory of the log; it may be open, here or in another process. */
  readonly directory: string;
  /** Folder of the backups, made where it is missing; better on another volume. One log's only. */
  readonly backups: string;
  /** Default `DEFAULT_BACKUPS_KEPT`. Older ones go once a new one was verified. */
  readonly keep?: number | undefined;
  /** Verifier keys of the log. Default: those it carries itself, which prove less. */
  readonly keys?: readonly string[] | undefined;
  /** What its name says of when it was made, in milliseconds since the epoch. Default: now. */
  readonly now?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface BackupReport {
  /** The new backup: a directory that is a log. */
  readonly backup: string;
  /** Entries in it. */
  readonly size: number;
  /** Names of the backups that went. */
  readonly removed: readonly string[];
}
