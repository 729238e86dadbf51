// `--key`: a verifier key itself, or a file that holds some, one a line. `--secret`: what an HMAC log is checked with.
import { AuditError, type VerifierKey } from '@audit/core';
import { hmacVerifierKey, type LogReaderHead, nodeSignatures, parseVerifierKey } from '@audit/core/internal';
import { CommandError } from '../exit.ts';
import { readSmallFile } from './file.ts';

/** `<name>+<8 hex digits>+<base64>`: no file is named like that by accident. */
const VKEY = /^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/;

/** A `--key` that names no key. With `--json` it is the finding `key-unknown`. */
export class KeyArgumentError extends CommandError {}

/**
 * The verifier keys the arguments name.
 * @throws KeyArgumentError where one is neither a verifier key nor a file of them
 */
export async function readKeys(values: readonly string[]): Promise<VerifierKey[]> {
  const keys = new Map<string, VerifierKey>();
  for (const value of values) {
    for (const line of VKEY.test(value) ? [value] : await linesOfFile(value)) {
      const key = parse(line);
      keys.set(key.vkey, key);
    }
  }
  return [...keys.values()];
}

/**
 * `--secret`: the key of a log sealed by HMAC, which checks as it seals. It bears the origin the log says it has:
 * whoever does not know the secret can claim any.
 */
export async function readSecret(
  path: string | undefined,
  head: LogReaderHead | null,
): Promise<VerifierKey[]> {
  if (path === undefined) return [];
  const secret = await readSmallFile(path, '--secret: the file');
  return head === null ? [] : [hmacVerifierKey(head.origin, secret)];
}

async function linesOfFile(path: string): Promise<string[]> {
  const text = await readText(path);
  if (text.includes('PRIVATE KEY-----')) {
    throw new KeyArgumentError(
      `--key: ${path} holds a private key. A verifier needs the public one: audit key show ${path} --name ORIGIN`,
    );
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new KeyArgumentError(`--key: the file ${path} holds no verifier key.`);
  return lines.map((line) => line.trim());
}

async function readText(path: string): Promise<string> {
  try {
    return (await readSmallFile(path, '--key: the file')).toString('utf8');
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new KeyArgumentError(`${error.message} It is no verifier key (name+id+base64) either.`, {
      cause: error,
    });
  }
}

function parse(line: string): VerifierKey {
  try {
    return parseVerifierKey(line, nodeSignatures);
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    throw new KeyArgumentError(`--key: ${error.message}`, { cause: error });
  }
}
