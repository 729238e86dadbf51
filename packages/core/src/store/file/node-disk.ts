// The file layer over node:fs. The only file of the store that makes system calls to write.
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import type { Disk, DiskFile } from './disk.ts';

/** Files of the log are nobody else's to read. */
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

const hasCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException)?.code === code;

class NodeFile implements DiskFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  /** Which file the descriptor holds: it never is another one, so it is asked once. */
  #held: Promise<{ readonly ino: number; readonly dev: number }> | undefined;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  async write(data: string | Uint8Array, position: number): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    // write(2) may stop early (a nearly full disk): go on until all is written or it fails for good.
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(buffer, done, length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return buffer.subarray(0, done);
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async isCurrent(): Promise<boolean> {
    this.#held ??= this.#handle.stat().catch((error) => {
      this.#held = undefined;
      throw error;
    });
    const [held, named] = await Promise.all([
      this.#held,
      stat(this.#path).catch((error) => {
        if (hasCode(error, 'ENOENT')) return null;
        throw error;
      }),
    ]);
    return named !== null && named.ino === held.ino && named.dev === held.dev;
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size);
  }

  datasync(): Promise<void> {
    return this.#handle.datasync();
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** The machine's own files. */
export const nodeDisk: Disk = {
  async open(path) {
    try {
      return new NodeFile(await open(path, constants.O_RDWR), path);
    } catch (error) {
      if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return null;
      throw error;
    }
  },

  async create(path, mode) {
    return new NodeFile(
      await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, mode),
      path,
    );
  },

  async mkdir(path, mode) {
    try {
      await mkdir(path, { mode });
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST') && (await stat(path)).isDirectory()) return false;
      throw error;
    }
  },

  async list(path) {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null;
      throw error;
    }
  },

  rename,
  link,
  unlink,

  async syncDirectory(path) {
    // Windows cannot sync a directory; NTFS journals names by itself.
    if (process.platform === 'win32') return;
    const handle = await open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
