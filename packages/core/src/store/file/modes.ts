// Permissions of the log's directory where they are not the default: for a group that reads it.
import { sep } from 'node:path';
import type { Disk } from './disk.ts';
import { DIRECTORY_MODE, FILE_MODE } from './node-disk.ts';

export interface Modes {
  readonly fileMode?: number | undefined;
  readonly directoryMode?: number | undefined;
}

/**
 * The disk, making `directory` and what lies in it with these permissions. Anything else, the private side above all,
 * keeps those the store asks for, also where it lies in there.
 */
export function withModes(
  disk: Disk,
  { directory, stateDirectory }: { readonly directory: string; readonly stateDirectory: string },
  modes: Modes,
): Disk {
  const { fileMode = FILE_MODE, directoryMode = DIRECTORY_MODE } = modes;
  if (fileMode === FILE_MODE && directoryMode === DIRECTORY_MODE) return disk;
  const isIn = (path: string, folder: string) => path === folder || path.startsWith(folder + sep);
  const within = (path: string) => isIn(path, directory) && !isIn(path, stateDirectory);
  return {
    open: (path) => disk.open(path),
    create: (path, mode) => disk.create(path, within(path) ? fileMode : mode),
    mkdir: (path, mode) => disk.mkdir(path, within(path) ? directoryMode : mode),
    list: (path) => disk.list(path),
    rename: (from, to) => disk.rename(from, to),
    link: (from, to) => disk.link(from, to),
    unlink: (path) => disk.unlink(path),
    syncDirectory: (path) => disk.syncDirectory(path),
  };
}
