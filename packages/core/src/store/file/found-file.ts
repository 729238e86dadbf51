// Files of a log that others may have changed: whatever lies there, reading it neither hangs nor fills the memory.
import { constants, type FileHandle, open } from 'node:fs/promises';
import { AuditError } from '../../errors.ts';
import { LineSplitter } from '../../verify/lines.ts';

const PIECE_BYTES = 256 * 1024;
/** Of a file read line by line: a note an hour makes as many lines in a hundred years. */
const MAX_LINES = 1_000_000;
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Opens a file to read it; null where none is there. A directory, a pipe or a device in its place is none: opening a
 * pipe would wait for its writer, hence O_NONBLOCK, which means nothing to a file.
 */
export async function openFound(path: string): Promise<FileHandle | null> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(notThere);
  if (file === null || (await file.stat()).isFile()) return file;
  await file.close();
  return null;
}

/** A small file, or the first `limit` bytes of a large one; null where there is none. */
export async function readFound(path: string, limit: number): Promise<Buffer | null> {
  const file = await openFound(path);
  if (file === null) return null;
  try {
    return await readFully(file, 0, limit);
  } finally {
    await file.close();
  }
}

/**
 * The whole lines of a file, and whether an unfinished one stands behind them. A line of more than `limit` bytes is
 * cut there. What is past the most that is read is one line without anything in it: not looked at is not unseen.
 */
export async function readFoundLines(
  path: string,
  limit: number,
): Promise<{ readonly lines: readonly string[]; readonly unfinished: boolean }> {
  const lines: string[] = [];
  const file = await openFound(path);
  if (file === null) return { lines, unfinished: false };
  try {
    const splitter = new LineSplitter(limit);
    for (let position = 0; position < MAX_BYTES && lines.length < MAX_LINES; ) {
      const piece = await readFully(file, position, PIECE_BYTES);
      if (piece.length === 0) return { lines, unfinished: splitter.pending > 0 };
      position += piece.length;
      splitter.push(piece, (block, start, end) => {
        lines.push(Buffer.from(block.buffer, block.byteOffset + start, end - start).toString('utf8'));
      });
    }
    return { lines: [...lines, ''], unfinished: false };
  } finally {
    await file.close();
  }
}

/** Up to `length` bytes, in memory of their own. */
export async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - position)));
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

const ABSENT: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENXIO']);

/** A file that is not there is something found out; one that cannot be read is an error. */
export function notThere(cause: NodeJS.ErrnoException): null {
  if (ABSENT.has(cause.code)) return null;
  throw new AuditError('STORE_IO', `The log cannot be read: ${cause.message}. Check its permissions.`, {
    cause,
  });
}
