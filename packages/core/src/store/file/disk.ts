// The file layer: every system call the file store makes to write. Injectable, so that a model disk can crash it.

/**
 * The calls, and what each promises. Only `sync`, `datasync` and `syncDirectory` make anything survive a power
 * cut: file contents by the first two, names (create, rename, link, unlink) by the last.
 */
export interface Disk {
  /** Opens an existing file for reading and writing; null where there is none. */
  open(path: string): Promise<DiskFile | null>;
  /** Creates a file that must not exist yet (O_EXCL), for reading and writing. Rejects EEXIST. */
  create(path: string, mode: number): Promise<DiskFile>;
  /** Makes one directory; true if it was not there. */
  mkdir(path: string, mode: number): Promise<boolean>;
  /** Names in a directory, sorted; null where there is none. */
  list(path: string): Promise<string[] | null>;
  rename(from: string, to: string): Promise<void>;
  /** Hard link; rejects EEXIST where `to` is there: the way to be first exactly once. */
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** fsync on the directory. */
  syncDirectory(path: string): Promise<void>;
}

export interface DiskFile {
  /** Writes all of `data` at `position`. */
  write(data: string | Uint8Array, position: number): Promise<void>;
  /** Reads up to `length` bytes at `position`; shorter at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  size(): Promise<number>;
  /** False where the path this file was opened by no longer names it: it was removed or replaced. */
  isCurrent(): Promise<boolean>;
  truncate(size: number): Promise<void>;
  /** fdatasync: contents and size. */
  datasync(): Promise<void>;
  /** fsync. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
