// Whether every request was recorded: without that a figure is void.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseVerifierKey, verifyDirectory } from '@audit/core';
import { openLogReader } from '@audit/core/internal';
import { LOG_DIRECTORY, PINO_FILE } from './recording.ts';
import type { Variant } from './variants.ts';

/**
 * @param answered requests the load generator got an answer to
 * @throws Error where fewer or more were recorded, or the log is not intact
 */
export async function checkRecords(variant: Variant, directory: string, answered: number): Promise<void> {
  if (variant === 'none') return;
  const recorded =
    variant === 'emit' ? await countEntries(join(directory, LOG_DIRECTORY)) : await countLines(directory);
  if (recorded === answered) return;
  throw new Error(`${variant}: ${answered} requests were answered and ${recorded} recorded: no figure.`);
}

async function countLines(directory: string): Promise<number> {
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(join(directory, PINO_FILE)) })) {
    if (line.endsWith('"msg":"request completed"}')) count++;
  }
  return count;
}

/** Entries of requests in a log that verifies under its key and has lost nothing. */
async function countEntries(directory: string): Promise<number> {
  const vkey = (await readFile(join(directory, 'log.vkey'), 'utf8')).trim();
  const report = await verifyDirectory(directory, { keys: [parseVerifierKey(vkey)], requirePinned: true });
  if (report.verdict !== 'intact' || report.findings.length > 0) {
    throw new Error(`The log is ${report.verdict}: ${report.findings[0]?.message}`);
  }
  let count = 0;
  const reader = await openLogReader(directory);
  for await (const { text } of reader.entries(0, report.size)) {
    if (text.includes('"type":"http.request"')) count++;
  }
  return count;
}
