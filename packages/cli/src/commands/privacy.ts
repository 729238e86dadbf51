// `audit privacy lookup`: the entries in which a value was replaced by its HMAC.
import { hmacLookup, openLogReader } from '@audit/core/internal';
import type { Command } from 'commander';
import { readSmallFile, readStandardInput } from '../arguments/file.ts';
import { CommandError, EXIT_INTACT } from '../exit.ts';
import { jsonLine } from '../render/json.ts';
import { entryCount } from '../render/quantity.ts';
import { visible } from '../render/visible.ts';
import type { Run } from '../run.ts';
import { shownEntry } from '../shown-entry.ts';
import type { Terminal } from '../terminal.ts';

interface LookupOptions {
  readonly hmacKeyFile: string;
  readonly json?: true;
}

export function addPrivacy(program: Command, run: Run): void {
  program
    .command('privacy')
    .description('find what was redacted')
    .command('lookup')
    .description(
      'find the entries in which a value was replaced by its HMAC; they are read, not verified. The value is taken from standard input, without a line feed at its end',
    )
    .argument('<dir>', 'directory of the log')
    .argument('[value]', 'the value itself: other users of the machine can see it in the list of processes')
    .requiredOption('--hmac-key-file <file>', 'the key the log replaced secrets with (privacy.hmacKeyFile)')
    .option('--json', 'print {seq, time, pointer} as one JSON object a line')
    .action(run(lookup));
}

async function lookup(
  { out, err }: Terminal,
  directory: string,
  argument: string | undefined,
  options: LookupOptions,
): Promise<number> {
  const key = await readSmallFile(options.hmacKeyFile, '--hmac-key-file: the file');
  const value = argument ?? (await readStandardInput()).toString('utf8').replace(/\r?\n$/, '');
  if (value === '') throw new CommandError('There is no value to look for: give it on standard input.');
  const find = findOf(value, key);
  const reader = await openLogReader(directory);
  const size = (await reader.head())?.size ?? 0;
  const first = (await reader.segments())[0]?.first ?? 0;
  let entries = 0;
  for await (const { seq, text } of reader.entries(first, size)) {
    // An entry in which nothing was redacted holds no HMAC.
    if (!text.includes('"redacted":[')) continue;
    const entry = shownEntry(text, seq);
    const pointers = find(entry);
    if (pointers.length > 0) entries++;
    for (const pointer of pointers) {
      const time = String(entry.time);
      out.write(
        options.json ? jsonLine({ seq, time, pointer }) : `${seq}\t${visible(time)}\t${visible(pointer)}\n`,
      );
    }
  }
  err.write(`${entryCount(entries)} of ${size} with that value.\n`);
  return EXIT_INTACT;
}

function findOf(value: string, key: Uint8Array): ReturnType<typeof hmacLookup> {
  try {
    return hmacLookup(value, key);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(`--hmac-key-file: ${error.message.replace(/^privacy\.hmacKey: /, '')}.`, {
      cause: error,
    });
  }
}
