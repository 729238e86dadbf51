// `audit verify`: the answer to "is this log what was recorded?", for people and as one JSON object.
import type { VerifyReport } from '@audit/core';
import {
  type LogReader,
  openLogReader,
  parseCheckpoint,
  parseNote,
  verifyDirectory,
} from '@audit/core/internal';
import type { Command } from 'commander';
import { readKeys, readSecret } from '../arguments/keys.ts';
import { type Range, readRange } from '../arguments/range.ts';
import { repeated } from '../arguments/repeated.ts';
import { readSince } from '../arguments/since.ts';
import { VERDICT_EXITS } from '../exit.ts';
import { jsonText } from '../render/json.ts';
import { startProgress } from '../render/progress.ts';
import { renderReport } from '../render/report.ts';
import type { Run } from '../run.ts';
import { shownEntry } from '../shown-entry.ts';
import type { Terminal } from '../terminal.ts';

interface VerifyCommandOptions {
  readonly key: readonly string[];
  readonly secret?: string;
  readonly since: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly stateDirectory?: string;
  readonly requirePinned?: true;
  readonly hashesOnly?: true;
  readonly json?: true;
}

export function addVerify(program: Command, run: Run): void {
  program
    .command('verify')
    .description('verify a log: signatures, tree, chain and every entry')
    .argument('<dir>', 'directory of the log')
    .option('--key <vkey|file>', 'verifier key to trust, or a file of them (repeatable)', repeated, [])
    .option(
      '--since <file|text>',
      'checkpoint or receipt kept from before: the log must go on from it (repeatable)',
      repeated,
      [],
    )
    .option('--from <seq|time>', 'first entry to read; the others only by their hashes')
    .option('--to <seq|time>', 'first entry not to read any more')
    .option(
      '--state-directory <dir>',
      'private side of the log, for its high-water mark (default: <dir>.private)',
    )
    .option('--secret <file>', 'shared secret of a log sealed by HMAC')
    .option('--require-pinned', 'without a key given by --key, the log could not be checked')
    .option('--hashes-only', 'hash the entries without looking at their form')
    .option('--json', 'print the report as one JSON object and nothing else')
    .action(run(verify));
}

async function verify(terminal: Terminal, directory: string, options: VerifyCommandOptions): Promise<number> {
  const reader = await openLogReader(directory);
  const { report, range } = await check(terminal, reader, options);
  if (options.json) {
    terminal.out.write(jsonText(report));
  } else {
    const context = {
      directory: reader.directory,
      lastTime: await lastTime(reader, report),
      ...(range === undefined ? {} : { range }),
      hashesOnly: options.hashesOnly === true,
      sinceSize: largest(await readSince(options.since)),
    };
    terminal.out.write(renderReport(report, context, terminal.out));
  }
  return VERDICT_EXITS[report.verdict];
}

async function check(
  terminal: Terminal,
  reader: LogReader,
  options: VerifyCommandOptions,
): Promise<{ report: VerifyReport; range: Range | undefined }> {
  const keys = await readKeys(options.key);
  if (options.secret !== undefined) keys.push(...(await readSecret(options.secret, await reader.head())));
  const since = await readSince(options.since);
  const range = await readRange(reader, options);
  const progress = startProgress(options.json ? null : terminal, 'verifying', 'entries');
  try {
    const report = await verifyDirectory(reader.directory, {
      keys,
      since,
      ...range,
      stateDirectory: options.stateDirectory,
      requirePinned: options.requirePinned === true,
      hashesOnly: options.hashesOnly === true,
      onProgress: ({ entries, totalEntries }) => progress.update(entries, totalEntries),
    });
    return { report, range };
  } finally {
    progress.end();
  }
}

/** `time` of the last entry under the checkpoint: what "as of" means. */
async function lastTime(reader: LogReader, { size }: VerifyReport): Promise<string | null> {
  try {
    return size === 0 ? null : String(shownEntry(await reader.entry(size - 1), size - 1).time);
  } catch {
    return null;
  }
}

/** Size of the largest checkpoint among those trusted from before; null where there is none to be read. */
function largest(since: readonly string[]): number | null {
  const sizes = since.flatMap((text) => {
    try {
      const note = text.startsWith('{')
        ? String((JSON.parse(text) as { checkpoint?: unknown }).checkpoint)
        : text;
      return [parseCheckpoint(parseNote(note).text).size];
    } catch {
      return [];
    }
  });
  return sizes.length === 0 ? null : Math.max(...sizes);
}
