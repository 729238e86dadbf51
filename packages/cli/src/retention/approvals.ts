// Requests to prune as files: written for approvers, signed by them, and read again.
import { open } from 'node:fs/promises';
import { type AuditError, parseVerifierKey, type Signer, signerFromPem } from '@audit/core';
import { approve, parseRequest, policyDigest, type RetentionOptions } from '@audit/policy';
import { readSmallFile, systemReason } from '../arguments/file.ts';
import { CommandError } from '../exit.ts';

/** Writes a request to a file that must not be there: an older one may carry signatures. */
export async function writeRequest(path: string, text: string): Promise<void> {
  await writeWhole(path, text, 'wx', '--request');
}

/**
 * Signs the request in a file with the private key of one of the policy's approvers, below what others signed. Returns
 * the approver's verifier key.
 *
 * @throws CommandError where it is not a request for this log under these rules, or the key is no approver's
 */
export async function signRequest(
  path: string,
  keyFile: string,
  origin: string,
  options: RetentionOptions,
): Promise<string> {
  const text = (await readSmallFile(path, '--approve: the request')).toString('utf8');
  const request = parseRequest(text.split('\n\n')[0]!.replace(/\n?$/, '\n'));
  if (request === null) {
    throw new CommandError(`--approve: ${path} holds no request: have one made by audit prune --request.`);
  }
  if (request.origin !== origin) {
    throw new CommandError(`--approve: ${path} asks about the log ${request.origin}, this one is ${origin}.`);
  }
  if (request.digest !== policyDigest(options)) {
    throw new CommandError(
      `--approve: ${path} was asked under other rules than those of this policy: have a new request made.`,
    );
  }
  const signer = approverOf((await readSmallFile(keyFile, '--key: the file')).toString('utf8'), options);
  if (signer === undefined) {
    throw new CommandError(`--key: ${keyFile} is the key of none of the approvers the policy names.`);
  }
  await writeWhole(path, await approve(text, signer), 'w', '--approve');
  return signer.key.vkey;
}

/** A PEM file does not hold a name: the approver it is the key of has it. */
function approverOf(pem: string, { approvers = [] }: RetentionOptions): Signer | undefined {
  try {
    for (const vkey of approvers) {
      const signer = signerFromPem(parseVerifierKey(vkey).name, pem);
      if (signer.key.vkey === vkey) return signer;
    }
  } catch (error) {
    throw new CommandError(`--key: ${(error as AuditError).message}`, { cause: error });
  }
  return undefined;
}

async function writeWhole(path: string, text: string, flags: 'w' | 'wx', option: string): Promise<void> {
  try {
    const file = await open(path, flags, 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new CommandError(`${option}: ${path} cannot be written: ${systemReason(error)}.`, { cause: error });
  }
}
