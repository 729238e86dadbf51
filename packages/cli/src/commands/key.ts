// `audit key generate` and `audit key show`: making a signing key, and the verifier key of one.
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { generatePrivateKey, signerFromPem, VKEY_FILE } from '@audit/core/internal';
import { type Command, Option } from 'commander';
import { readSmallFile, systemReason } from '../arguments/file.ts';
import { CommandError, EXIT_INTACT } from '../exit.ts';
import { visible, visibleLines } from '../render/visible.ts';
import type { Run } from '../run.ts';
import type { Terminal } from '../terminal.ts';

const KEY_TYPES = ['ed25519', 'ecdsa-p256'] as const;

interface GenerateOptions {
  readonly type: (typeof KEY_TYPES)[number];
  readonly out: string;
  readonly name?: string;
}

export function addKey(program: Command, run: Run): void {
  const key = program.command('key').description('make a signing key, or show the verifier key of one');
  key
    .command('generate')
    .description('write a new private key (PKCS#8 PEM, mode 0600) to a file that does not exist yet')
    .addOption(new Option('--type <type>', 'signature algorithm').choices(KEY_TYPES).default('ed25519'))
    .requiredOption('--out <file>', 'where to write it; never overwritten')
    .option('--name <origin>', 'origin of the log it is for: prints the verifier key')
    .action(run(generate));
  key
    .command('show')
    .description('print the verifier key of a private key, or those a log carries')
    .argument('<file|dir>', 'a private key (PEM), or the directory of a log')
    .option('--name <origin>', 'origin of the log the private key is for')
    .action(run(show));
}

async function generate({ out, err }: Terminal, { type, out: path, name }: GenerateOptions): Promise<number> {
  const pem = generatePrivateKey(type);
  // Before the file: a name that cannot be one leaves nothing behind.
  const vkey = name === undefined ? null : signerFromPem(name, pem).key.vkey;
  await writePrivate(path, pem);
  err.write(`Wrote the private key to ${visible(path)}. Keep it secret and outside the log.\n`);
  if (vkey === null) {
    err.write(`Its verifier key: audit key show ${visible(path)} --name ORIGIN\n`);
  } else {
    err.write('Its verifier key, for everyone who is to check the log:\n');
    out.write(`${visible(vkey)}\n`);
  }
  return EXIT_INTACT;
}

/** open(O_EXCL, 0600) · write · fsync: never another's file, and on disk before anything is signed with it. */
async function writePrivate(path: string, pem: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(pem);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new CommandError(`--out: ${path} cannot be written: ${systemReason(error)}.`, { cause: error });
  }
}

async function show(
  { out, err }: Terminal,
  path: string,
  options: { readonly name?: string },
): Promise<number> {
  const isDirectory = (await stat(path).catch(() => null))?.isDirectory() === true;
  if (isDirectory) {
    const keys = await readSmallFile(join(path, VKEY_FILE), 'The verifier keys');
    out.write(visibleLines(keys.toString('utf8')));
    err.write('These are the keys the log itself carries. A verifier pins a copy kept elsewhere.\n');
    return EXIT_INTACT;
  }
  const pem = (await readSmallFile(path, 'The private key')).toString('utf8');
  if (options.name === undefined) {
    throw new CommandError(
      '--name is missing: a verifier key bears the origin of its log, which a PEM file does not hold.',
    );
  }
  out.write(`${visible(signerFromPem(options.name, pem).key.vkey)}\n`);
  return EXIT_INTACT;
}
