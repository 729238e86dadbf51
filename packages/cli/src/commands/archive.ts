// `audit archive`: the finished segments of a log into a second directory, which is a log that verifies.
import { type ArchiveReport, archiveLog } from '@audit/core';
import { type Command, Option } from 'commander';
import { readKeys } from '../arguments/keys.ts';
import { repeated } from '../arguments/repeated.ts';
import { EXIT_INTACT } from '../exit.ts';
import { jsonText } from '../render/json.ts';
import { bytes, counted, entryCount } from '../render/quantity.ts';
import { visible } from '../render/visible.ts';
import type { Run } from '../run.ts';
import type { Terminal } from '../terminal.ts';

interface ArchiveCommandOptions {
  readonly to: string;
  readonly compression: 'gzip' | 'none';
  readonly key: readonly string[];
  readonly json?: true;
}

export function addArchive(program: Command, run: Run): void {
  program
    .command('archive')
    .description('copy the finished segments of a log to an archive, and read them back')
    .argument('<dir>', 'directory of the log; it may be in use')
    .requiredOption('--to <dir>', 'directory of the archive, made where it is missing')
    .addOption(
      new Option('--compression <way>', 'gzip: as they are; none: plain lines')
        .choices(['gzip', 'none'])
        .default('gzip'),
    )
    .option('--key <vkey|file>', 'verifier key to trust, or a file of them (repeatable)', repeated, [])
    .option('--json', 'print the result as one JSON object')
    .action(run(archive));
}

async function archive(
  { out }: Terminal,
  directory: string,
  { to, compression, key, json }: ArchiveCommandOptions,
): Promise<number> {
  const keys = (await readKeys(key)).map(({ vkey }) => vkey);
  const report = await archiveLog({
    ...{ directory, archive: to, compression },
    keys: keys.length === 0 ? undefined : keys,
  });
  out.write(json ? jsonText(report) : render(report));
  return EXIT_INTACT;
}

function render({ archive, first, size, from, segments, bytes: added }: ArchiveReport): string {
  const what =
    segments.length === 0
      ? 'Nothing new to archive.'
      : `Archived ${entryCount(size - from)} in ${counted(segments.length, 'segment')}, ${bytes(added)}.`;
  const holds = size === 0 ? 'is empty' : `holds entries ${first} to ${size - 1}`;
  return `${what}\n${visible(archive)} ${holds}; audit verify checks it.\n`;
}
