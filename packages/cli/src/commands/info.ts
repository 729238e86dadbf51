// `audit info`: what a log says of itself. Read, not verified.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogReader, openLogReader, QUARANTINE_DIRECTORY } from '@audit/core/internal';
import type { Command } from 'commander';
import { EXIT_INTACT } from '../exit.ts';
import { labelled } from '../render/columns.ts';
import { jsonText } from '../render/json.ts';
import { bytes, count, counted } from '../render/quantity.ts';
import { visible } from '../render/visible.ts';
import type { Run } from '../run.ts';
import { shownEntry } from '../shown-entry.ts';
import type { Terminal } from '../terminal.ts';

/** What `audit info --json` prints. */
interface Info {
  readonly directory: string;
  readonly origin: string | null;
  readonly size: number;
  /** Base64, as in the checkpoint. */
  readonly root: string | null;
  /** Sequence number of the first entry that was not pruned. */
  readonly firstSeq: number;
  readonly firstTime: string | null;
  readonly lastTime: string | null;
  readonly checkpoint: string | null;
  readonly vkeys: readonly string[];
  readonly segments: { readonly count: number; readonly compressed: number; readonly bytes: number };
  readonly quarantined: number;
}

export function addInfo(program: Command, run: Run): void {
  program
    .command('info')
    .description('show what a log says of itself; nothing is verified')
    .argument('<dir>', 'directory of the log')
    .option('--json', 'print one JSON object')
    .action(run(info));
}

async function info(
  { out }: Terminal,
  directory: string,
  options: { readonly json?: true },
): Promise<number> {
  const found = await gather(await openLogReader(directory));
  out.write(options.json ? jsonText(found) : render(found, out.columns));
  return EXIT_INTACT;
}

async function gather(reader: LogReader): Promise<Info> {
  const head = await reader.head();
  const segments = await reader.segments();
  const firstSeq = segments[0]?.first ?? 0;
  return {
    directory: reader.directory,
    origin: head?.origin ?? null,
    size: head?.size ?? 0,
    root: head === null ? null : Buffer.from(head.root, 'hex').toString('base64'),
    firstSeq,
    firstTime: await timeOf(reader, firstSeq),
    lastTime: head === null ? null : await timeOf(reader, head.size - 1),
    checkpoint: head?.note ?? null,
    vkeys: await reader.vkeys(),
    segments: {
      count: segments.length,
      compressed: segments.filter(({ name }) => name.endsWith('.gz')).length,
      bytes: segments.reduce((sum, segment) => sum + segment.bytes, 0),
    },
    quarantined: (await readdir(join(reader.directory, QUARANTINE_DIRECTORY)).catch(() => [])).length,
  };
}

async function timeOf(reader: LogReader, seq: number): Promise<string | null> {
  try {
    return String(shownEntry(await reader.entry(seq), seq).time);
  } catch {
    return null;
  }
}

function render(found: Info, columns: number): string {
  const { segments } = found;
  const rows: [string, string][] = [
    ['directory', visible(found.directory)],
    ['origin', visible(found.origin ?? 'nothing is committed yet')],
    ['entries', count(found.size) + (found.firstSeq > 0 ? `, pruned before ${found.firstSeq}` : '')],
    ['first', visible(found.firstTime ?? 'none')],
    ['last', visible(found.lastTime ?? 'none')],
    ['root', found.root ?? 'none'],
    ...found.vkeys.map((vkey, index): [string, string] => [index === 0 ? 'key' : '', visible(vkey)]),
    [
      'segments',
      `${count(segments.count)}, ${count(segments.compressed)} compressed, ${bytes(segments.bytes)}`,
    ],
  ];
  if (found.quarantined > 0) rows.push(['quarantine', counted(found.quarantined, 'file')]);
  return `${[...labelled(rows, columns), '', 'Read, not verified: audit verify checks it.'].join('\n')}\n`;
}
