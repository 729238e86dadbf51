// `audit show`: one entry, whole.
import { nodeHasher, openLogReader } from '@audit/core/internal';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments/number.ts';
import { EXIT_INTACT } from '../exit.ts';
import { entryDetails } from '../render/entry.ts';
import { jsonText } from '../render/json.ts';
import { visibleJson } from '../render/visible.ts';
import type { Run } from '../run.ts';
import { shownEntry } from '../shown-entry.ts';
import type { Terminal } from '../terminal.ts';

interface ShowOptions {
  readonly raw?: true;
  readonly json?: true;
}

export function addShow(program: Command, run: Run): void {
  program
    .command('show')
    .description('show one entry; it is read, not verified')
    .argument('<dir>', 'directory of the log')
    .argument('<seq>', 'sequence number of the entry')
    .option('--json', 'print {seq, hash, entry} as one JSON object')
    .option('--raw', 'print the stored bytes, as they were hashed')
    .action(run(show));
}

async function show(
  { out, err }: Terminal,
  directory: string,
  seqText: string,
  options: ShowOptions,
): Promise<number> {
  const seq = wholeNumber(seqText, 'SEQ');
  const reader = await openLogReader(directory);
  const text = await reader.entry(seq);
  if (options.raw) {
    // Nobody hashes what is on a screen: there the bytes are made safe, as JSON they stay the same.
    out.write(`${out.isTerminal ? visibleJson(text) : text}\n`);
    return EXIT_INTACT;
  }
  const hash = nodeHasher.leaf(text);
  const entry = shownEntry(text, seq);
  out.write(options.json ? jsonText({ seq, hash, entry }) : entryDetails(entry, hash, out.columns));
  if (entry.seq !== seq && !options.json) {
    err.write(`\nThe entry at ${seq} says it is another: run audit verify.\n`);
  }
  return EXIT_INTACT;
}
