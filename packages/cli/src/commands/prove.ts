// `audit prove`: a proof file that an entry is in the log, for somebody who does not have the log.
import { open } from 'node:fs/promises';
import {
  formatProof,
  inclusionProof,
  nodeHasher,
  openLogReader,
  verifyInclusion,
} from '@audit/core/internal';
import type { Command } from 'commander';
import { systemReason } from '../arguments/file.ts';
import { wholeNumber } from '../arguments/number.ts';
import { CommandError, EXIT_INTACT } from '../exit.ts';
import { entryCount } from '../render/quantity.ts';
import { visible } from '../render/visible.ts';
import type { Run } from '../run.ts';
import type { Terminal } from '../terminal.ts';

export function addProve(program: Command, run: Run): void {
  program
    .command('prove')
    .description(
      'make a .tlog-proof: shows offline, to whoever has the verifier key, that an entry is in the log',
    )
    .argument('<dir>', 'directory of the log')
    .argument('<seq>', 'sequence number of the entry')
    .option('--out <file>', 'write the proof there instead of to standard output; never overwritten')
    .action(run(prove));
}

async function prove(
  { out, err }: Terminal,
  directory: string,
  seqText: string,
  options: { readonly out?: string },
): Promise<number> {
  const seq = wholeNumber(seqText, 'SEQ');
  const reader = await openLogReader(directory);
  const leaf = nodeHasher.leaf(await reader.entry(seq));
  const head = await reader.head();
  // An entry was read, so there is a head.
  const { size, root, origin, note } = head!;
  const hashes = await inclusionProof(nodeHasher, seq, size, (level, from, to) =>
    reader.hashes(level, from, to),
  );
  // A proof that does not hold would be taken for tampering by whoever gets it.
  if (!verifyInclusion(nodeHasher, seq, size, leaf, hashes, root)) {
    throw new CommandError(
      `Entry ${seq} and the tree do not lead to the root of the newest checkpoint: run audit verify ${directory}`,
    );
  }
  const proof = formatProof({ index: seq, hashes, checkpointNote: note });
  if (options.out === undefined) {
    out.write(proof);
    return EXIT_INTACT;
  }
  await writeNew(options.out, proof);
  err.write(`Proof of entry ${seq} of ${visible(origin)} at ${entryCount(size)}: ${visible(options.out)}\n`);
  return EXIT_INTACT;
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new CommandError(`--out: ${path} cannot be written: ${systemReason(error)}.`, { cause: error });
  }
}
