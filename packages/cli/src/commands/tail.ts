// `audit tail`: the newest entries, and with `-f` those to come, through rotations of the log.
import { setTimeout as delay } from 'node:timers/promises';
import { type LogReader, openLogReader } from '@audit/core/internal';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments/number.ts';
import { EXIT_INTACT } from '../exit.ts';
import { entryLine } from '../render/entry.ts';
import { visible, visibleJson } from '../render/visible.ts';
import type { Run } from '../run.ts';
import { shownEntry } from '../shown-entry.ts';
import type { Output, Terminal } from '../terminal.ts';

/** Milliseconds between two looks at a log that is followed. */
const POLL = 250;
/** Entries shown without `-n`. */
const DEFAULT_LINES = '10';

interface TailOptions {
  readonly follow?: true;
  readonly lines: string;
  readonly json?: true;
}

export function addTail(program: Command, run: Run): void {
  program
    .command('tail')
    .description('show the newest entries, one a line; they are read, not verified')
    .argument('<dir>', 'directory of the log')
    .option('-f, --follow', 'go on with entries as they are signed; end with Ctrl-C')
    .option('-n, --lines <count>', 'how many entries', DEFAULT_LINES)
    .option('--json', 'print each entry as one line of JSON')
    .action(run(tail));
}

async function tail({ out }: Terminal, directory: string, options: TailOptions): Promise<number> {
  const lines = wholeNumber(options.lines, '--lines');
  const reader = await openLogReader(directory);
  const size = await sizeOf(reader);
  await print(reader, Math.max(0, size - lines), size, options, out);
  for (let next = size; options.follow && !out.closed; await delay(POLL)) {
    const grown = await sizeOf(reader);
    if (grown <= next) continue;
    await print(reader, next, grown, options, out);
    next = grown;
  }
  return EXIT_INTACT;
}

async function sizeOf(reader: LogReader): Promise<number> {
  return (await reader.head())?.size ?? 0;
}

async function print(
  reader: LogReader,
  from: number,
  to: number,
  { json }: TailOptions,
  out: Output,
): Promise<void> {
  for await (const { seq, text } of reader.entries(from, to)) {
    if (out.closed) return;
    await out.writeAll(json ? `${visibleJson(text)}\n` : `${line(text, seq, out)}\n`);
  }
}

// A damaged line must not end the tail of those after it.
function line(text: string, seq: number, out: Output): string {
  try {
    return entryLine(shownEntry(text, seq), out.colors);
  } catch {
    return `${String(seq).padStart(6)} ${out.colors.red('not an entry:')} ${visible(text.slice(0, 200))}`;
  }
}
