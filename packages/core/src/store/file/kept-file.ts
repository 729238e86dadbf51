// `kept.jsonl`: what stays of pruned segments, one entry a line, in order of seq.
import { join } from 'node:path';
import { isKeptEntry } from '../../event/kept.ts';
import type { Disk } from './disk.ts';
import { readText, replaceFile } from './durable.ts';
import { KEPT_FILE } from './layout.ts';

/** Its whole lines; none where there is no such file. */
export async function readKeptLines(disk: Disk, directory: string): Promise<ReadonlySet<string>> {
  const text = (await readText(disk, join(directory, KEPT_FILE))) ?? '';
  const lines = new Set(text.slice(0, text.lastIndexOf('\n') + 1).split('\n'));
  lines.delete('');
  return lines;
}

/**
 * Adds those of `entries` that stay and are not there yet. The file is replaced (temporary file · fsync · rename · fsync
 * of the folder), so a crash leaves the old lines or all of them: bytes of a torn append could pass for a line.
 */
export async function addKept(
  disk: Disk,
  directory: string,
  entries: AsyncIterable<{ readonly text: string }>,
): Promise<void> {
  const lines = new Set(await readKeptLines(disk, directory));
  const before = lines.size;
  for await (const { text } of entries) if (isKeptEntry(text)) lines.add(text);
  if (lines.size === before) return;
  await replaceFile(disk, join(directory, KEPT_FILE), [...lines].map((line) => `${line}\n`).join(''));
}
