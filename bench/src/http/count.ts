// Whether every request was recorded: without that a figure is void.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseVerifierKey, verifyDirectory } from '@audit/core';
import { openLogReader } from '@audit/core/internal';
import { LOG_DIRECTORY, PINO_FILE } from './recording.ts';
import type { Variant } from './variants.ts';

/** What each request is told by: one entry, in strict mode one for each stage. */
const ENTRIES: Partial<Record<Variant, readonly RegExp[]>> = {
  emit: [/"type":"http\.request"/],
  strict: ['received', 'responding', 'completed'].map(
    (stage) => new RegExp(`"stage":"${stage}".*"type":"http\\.request"`),
  ),
};

/**
 * @param answered requests the load generator got an answer to
 * @throws Error where fewer or more were recorded, or the log is not intact
 */
export async function checkRecords(variant: Variant, directory: string, answered: number): Promise<void> {
  if (variant === 'none') return;
  const kinds = ENTRIES[variant];
  const counts = kinds
    ? await countEntries(join(directory, LOG_DIRECTORY), kinds)
    : [await countLines(directory)];
  if (counts.every((recorded) => recorded === answered)) return;
  throw new Error(
    `${variant}: ${answered} requests were answered and ${counts.join(', ')} recorded: no figure.`,
  );
}

async function countLines(directory: string): Promise<number> {
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(join(directory, PINO_FILE)) })) {
    if (line.endsWith('"msg":"request completed"}')) count++;
  }
  return count;
}

/** Entries of each kind in a log that verifies under its key and has lost nothing. */
async function countEntries(directory: string, kinds: readonly RegExp[]): Promise<number[]> {
  const vkey = (await readFile(join(directory, 'log.vkey'), 'utf8')).trim();
  const report = await verifyDirectory(directory, { keys: [parseVerifierKey(vkey)], requirePinned: true });
  if (report.verdict !== 'intact' || report.findings.length > 0) {
    throw new Error(`The log is ${report.verdict}: ${report.findings[0]?.message}`);
  }
  const counts = kinds.map(() => 0);
  const reader = await openLogReader(directory);
  for await (const { text } of reader.entries(0, report.size)) {
    kinds.forEach((kind, index) => {
      if (kind.test(text)) counts[index]! += 1;
    });
  }
  return counts;
}
