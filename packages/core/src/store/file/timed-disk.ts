// A file layer whose fdatasyncs are timed: the calls a commit waits for. Imports types only.
import type { Disk, DiskFile } from './disk.ts';

/** Told of each fdatasync that ended, failed or not, in milliseconds. */
export type Synced = (milliseconds: number) => void;

export function timedDisk(disk: Disk, synced: Synced): Disk {
  return {
    open: async (path) => {
      const file = await disk.open(path);
      return file === null ? null : timedFile(file, synced);
    },
    create: async (path, mode) => timedFile(await disk.create(path, mode), synced),
    mkdir: (path, mode) => disk.mkdir(path, mode),
    list: (path) => disk.list(path),
    rename: (from, to) => disk.rename(from, to),
    link: (from, to) => disk.link(from, to),
    unlink: (path) => disk.unlink(path),
    syncDirectory: (path) => disk.syncDirectory(path),
  };
}

function timedFile(file: DiskFile, synced: Synced): DiskFile {
  return {
    write: (data, position) => file.write(data, position),
    read: (position, length) => file.read(position, length),
    size: () => file.size(),
    isCurrent: () => file.isCurrent(),
    truncate: (size) => file.truncate(size),
    datasync: async () => {
      const began = performance.now();
      try {
        await file.datasync();
      } finally {
        synced(performance.now() - began);
      }
    },
    sync: () => file.sync(),
    close: () => file.close(),
  };
}
