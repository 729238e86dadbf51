// How much room there is where a directory lies.
import { statfs } from 'node:fs/promises';

/** In bytes. */
export interface DiskSpace {
  /** What this user can still write: without the blocks a file system keeps for root. */
  readonly free: number;
  readonly size: number;
}

/** @throws the error of statfs: the directory is gone, or the file system does not answer */
export async function diskSpace(directory: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { free: bavail * bsize, size: blocks * bsize };
}

/** `12.5 MiB`: for people. */
export function sizeInWords(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power]}`;
}
