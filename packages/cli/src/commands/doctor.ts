// `audit doctor`: what is wrong with a log and its surroundings, and what to do. Never writes; verifies before it says OK.
import { join, resolve } from 'node:path';
import { AuditError, type VerifierKey, type VerifyReport } from '@audit/core';
import {
  KEY_FILE,
  type LogReader,
  type LogReaderHead,
  openLogReader,
  verifyDirectory,
} from '@audit/core/internal';
import type { Command } from 'commander';
import { readKeys, readSecret } from '../arguments/keys.ts';
import { repeated } from '../arguments/repeated.ts';
import type { Check, Patient } from '../doctor/check.ts';
import { checkQuarantine, checkSlots, checkStrayFiles } from '../doctor/files.ts';
import { checkOwner } from '../doctor/owner.ts';
import { checkDirectoryMode, checkPrivateModes } from '../doctor/permissions.ts';
import { checkHighWater, checkSigningKey } from '../doctor/private-side.ts';
import { checkSpace } from '../doctor/space.ts';
import { checkReport } from '../doctor/verification.ts';
import { EXIT_INTACT, EXIT_TAMPERED, EXIT_UNCHECKED } from '../exit.ts';
import { renderChecks } from '../render/checks.ts';
import { jsonText } from '../render/json.ts';
import { startProgress } from '../render/progress.ts';
import type { Run } from '../run.ts';
import type { Terminal } from '../terminal.ts';

interface DoctorOptions {
  readonly key: readonly string[];
  readonly secret?: string;
  readonly stateDirectory?: string;
  readonly keyFile?: string;
  readonly json?: true;
}

export function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('say what is wrong with a log and what to do; writes nothing')
    .argument('<dir>', 'directory of the log')
    .option('--key <vkey|file>', 'verifier key to verify with, or a file of them (repeatable)', repeated, [])
    .option('--secret <file>', 'shared secret of a log sealed by HMAC')
    .option('--state-directory <dir>', 'private side of the log (default: <dir>.private)')
    .option('--key-file <file>', 'signing key (default: AUDIT_KEY_FILE, else key.pem in the private side)')
    .option('--json', 'print one JSON object: {status, checks, report}')
    .action(run(doctor));
}

async function doctor(terminal: Terminal, path: string, options: DoctorOptions): Promise<number> {
  const directory = resolve(path);
  const stateDirectory = resolve(options.stateDirectory ?? `${directory}.private`);
  const keyFile = resolve(options.keyFile ?? process.env.AUDIT_KEY_FILE ?? join(stateDirectory, KEY_FILE));
  const patient = { directory, stateDirectory, keyFile };
  const reader = await openLogReader(directory);
  const head = await headOf(reader);
  const keys = [...(await readKeys(options.key)), ...(await readSecret(options.secret, head))];
  const checks = await examine(patient, head, await reader.vkeys());
  const report = await verified(options.json ? null : terminal, patient, keys);
  checks.push(checkReport(report));
  const status = statusOf(checks, report);
  const { out } = terminal;
  out.write(options.json ? jsonText({ status: WORDS[status], checks, report }) : renderChecks(checks, out));
  return status;
}

async function examine(
  patient: Patient,
  head: LogReaderHead | null,
  vkeys: readonly string[],
): Promise<Check[]> {
  const found = await Promise.all([
    checkOwner(patient),
    checkSlots(patient),
    checkStrayFiles(patient),
    checkQuarantine(patient),
    checkDirectoryMode(patient),
    checkPrivateModes(patient),
    checkSigningKey(patient, head, vkeys),
    checkHighWater(patient, head),
    checkSpace(patient),
  ]);
  return found.flat();
}

/** Nothing to examine is an error; entries without a note are a patient. */
async function headOf(reader: LogReader): Promise<LogReaderHead | null> {
  try {
    return await reader.head();
  } catch (error) {
    if (error instanceof AuditError && error.code === 'LOG_DAMAGED') return null;
    throw error;
  }
}

async function verified(
  terminal: Terminal | null,
  { directory, stateDirectory }: Patient,
  keys: readonly VerifierKey[],
): Promise<VerifyReport> {
  const progress = startProgress(terminal, 'verifying', 'entries');
  try {
    return await verifyDirectory(directory, {
      keys,
      stateDirectory,
      onProgress: ({ entries, totalEntries }) => progress.update(entries, totalEntries),
    });
  } finally {
    progress.end();
  }
}

const WORDS = { [EXIT_INTACT]: 'ok', [EXIT_TAMPERED]: 'tampered', [EXIT_UNCHECKED]: 'bad' } as const;

function statusOf(checks: readonly Check[], report: VerifyReport): keyof typeof WORDS {
  if (report.verdict === 'tampered') return EXIT_TAMPERED;
  return checks.some(({ status }) => status === 'bad') ? EXIT_UNCHECKED : EXIT_INTACT;
}
