// `kept.jsonl`: what stays of pruned segments, one entry a line, in order of seq.
import { join } from 'node:path';
import { isKeptEntry } from '../../event/kept.ts';
import type { Disk } from './disk.ts';
import { readFile } from './durable.ts';
import { KEPT_FILE } from './layout.ts';
import { FILE_MODE } from './node-disk.ts';

export interface KeptLines {
  readonly lines: ReadonlySet<string>;
  /** Bytes up to the end of the last whole line. */
  readonly end: number;
}

/** Its whole lines; none where there is no such file. A torn last line was never committed to. */
export async function readKeptLines(disk: Disk, directory: string): Promise<KeptLines> {
  const bytes = Buffer.from((await readFile(disk, join(directory, KEPT_FILE))) ?? []);
  const end = bytes.lastIndexOf(0x0a) + 1;
  const lines = new Set(bytes.toString('utf8', 0, end).split('\n'));
  lines.delete('');
  return { lines, end };
}

/**
 * Appends those of `entries` that stay and are not there yet: write · fdatasync · fsync of the folder. A crash leaves
 * some of the lines and perhaps a torn one; running it again with the same entries leaves what one run would have.
 */
export async function appendKept(
  disk: Disk,
  directory: string,
  entries: AsyncIterable<{ readonly text: string }>,
): Promise<void> {
  const { lines, end: start } = await readKeptLines(disk, directory);
  const path = join(directory, KEPT_FILE);
  const file = (await disk.open(path)) ?? (await disk.create(path, FILE_MODE));
  try {
    let end = start;
    for await (const { text } of entries) {
      if (!isKeptEntry(text) || lines.has(text)) continue;
      const line = Buffer.from(`${text}\n`);
      await file.write(line, end); // over a torn last line, where there is one
      end += line.length;
    }
    if ((await file.size()) > end) await file.truncate(end);
    await file.datasync();
  } finally {
    await file.close();
  }
  await disk.syncDirectory(directory);
}
