// The shop's log under the policy that is shipped; what stands in the way is told in one sentence.
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AuditError } from '@audit/core';
import { type GovernedLog, openGovernedLog, PolicyError } from '@audit/policy';
import { print } from './print.ts';
import { Refusal } from './refusal.ts';

/** The policy of the demo: the one that is shipped, with every key and its default. */
const POLICY = fileURLToPath(new URL('../../../config/audit.yaml', import.meta.url));
/** Name of the demo's log in its checkpoints: that of the policy. */
const ORIGIN = 'shop.example/audit';

/** Opens the log, or makes it where there is none. */
export async function openLog(directory: string): Promise<GovernedLog> {
  await removeLeftPrivateSide(directory);
  try {
    // What a service needs is the policy; a demo keeps its log where it is told, and does not wait long for another one.
    return await openGovernedLog(POLICY, { log: { directory, lockTimeout: 1_000, onKeyCreated: () => {} } });
  } catch (error) {
    if (error instanceof AuditError || error instanceof PolicyError)
      throw new Refusal(error.message, { cause: error });
    throw new Refusal(`The log cannot be kept in ${directory}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

/**
 * A log that is gone while its private side remembers it is refused, as it must be: somebody may have deleted the
 * evidence. Here it was a person who cleaned up after the demo, so the demo's own private side goes too; that of
 * any other log, with its key, is not touched.
 */
async function removeLeftPrivateSide(directory: string): Promise<void> {
  const privateSide = `${directory}.private`;
  if (existsSync(directory) || !existsSync(privateSide)) return;
  const text = await readFile(join(privateSide, 'high-water'), 'utf8').catch(() => '{}');
  if ((JSON.parse(text) as { origin?: unknown }).origin !== ORIGIN) return;
  await rm(privateSide, { recursive: true });
  print(`${directory} was deleted, so its private side goes too; a new log begins.`);
}
