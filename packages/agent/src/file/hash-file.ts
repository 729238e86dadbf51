// The SHA-256 of a file, read piece by piece, up to a size.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** What a file is at one moment. */
export interface FileState {
  /** False where there is no such file: then the rest says nothing. */
  readonly exists: boolean;
  readonly bytes: number;
  /** Hex; undefined where the file has more bytes than are hashed, or is none. */
  readonly sha256?: string;
}

/** To open a pipe waits for whoever writes to it; nobody may. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const NOWHERE: FileState = { exists: false, bytes: 0 };

/**
 * @param most bytes; a longer file is not read to its end
 * @throws what the file system says, but that there is no such file
 */
export async function stateOf(path: string, most: number): Promise<FileState> {
  const file = await open(path, FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return NOWHERE;
  try {
    const stat = await file.stat();
    // What is no plain file may have no end.
    if (!stat.isFile() || stat.size > most) return { exists: true, bytes: stat.size };
    const sha256 = createHash('sha256');
    let bytes = 0;
    for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      // It grows while it is read.
      if (bytes > most) return { exists: true, bytes };
      sha256.update(chunk);
    }
    return { exists: true, bytes, sha256: sha256.digest('hex') };
  } finally {
    await file.close();
  }
}
