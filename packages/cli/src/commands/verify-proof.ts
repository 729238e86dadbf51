// `audit verify-proof`: whether one entry is in a log, from a proof file and a verifier key alone.
import { openLogReader, parseProof } from '@audit/core/internal';
import type { Command } from 'commander';
import { readSmallFile, readStandardInput } from '../arguments/file.ts';
import { readKeys } from '../arguments/keys.ts';
import { repeated } from '../arguments/repeated.ts';
import { CommandError, VERDICT_EXITS } from '../exit.ts';
import { checkProof } from '../proof-answer.ts';
import { jsonText } from '../render/json.ts';
import { renderProofAnswer } from '../render/proof.ts';
import type { Run } from '../run.ts';
import type { Terminal } from '../terminal.ts';

interface VerifyProofOptions {
  readonly key: readonly string[];
  readonly entry?: string;
  readonly log?: string;
  readonly json?: true;
}

export function addVerifyProof(program: Command, run: Run): void {
  program
    .command('verify-proof')
    .description('check offline that an entry is in a log, from the proof, the entry and the verifier key')
    .argument('<proof>', 'a .tlog-proof file, or - for standard input')
    .option(
      '--key <vkey|file>',
      'verifier key to trust, or a file of them; required, repeatable',
      repeated,
      [],
    )
    .option(
      '--entry <file|text>',
      'the entry, byte for byte as stored: a file, - for standard input, or its JSON text',
    )
    .option('--log <dir>', 'take the entry out of this log instead')
    .option('--json', 'print one JSON object and nothing else')
    .action(run(verifyProof));
}

async function verifyProof({ out }: Terminal, path: string, options: VerifyProofOptions): Promise<number> {
  const keys = await readKeys(options.key);
  if (keys.length === 0) {
    throw new CommandError(
      '--key is missing: anyone can make a proof, so it shows nothing without the key of the log.',
    );
  }
  if ((options.entry === undefined) === (options.log === undefined)) {
    throw new CommandError('Give the entry the proof is for: either --entry FILE or --log DIR.');
  }
  const proof = (path === '-' ? await readStandardInput() : await readSmallFile(path, 'The proof')).toString(
    'utf8',
  );
  const entry =
    options.log === undefined ? await readEntry(options.entry!) : await entryOfLog(options.log, proof);
  const answer = checkProof(proof, entry, keys);
  out.write(options.json ? jsonText(answer) : renderProofAnswer(answer, out));
  return VERDICT_EXITS[answer.verdict];
}

// An entry is a JSON object: what begins with a brace is the entry itself, anything else names it.
async function readEntry(value: string): Promise<Uint8Array> {
  if (value === '-') return readStandardInput();
  return value.startsWith('{') ? Buffer.from(value) : readSmallFile(value, '--entry: the file');
}

async function entryOfLog(directory: string, proof: string): Promise<Uint8Array> {
  const { index } = parseProof(proof);
  const reader = await openLogReader(directory);
  return Buffer.from(await reader.entry(index));
}
