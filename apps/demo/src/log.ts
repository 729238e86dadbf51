// The shop's log: opened, or made; what stands in the way is told in one sentence.
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditError, type AuditLog, openAuditLog } from '@audit/core';
import { print } from './print.ts';
import { Refusal } from './refusal.ts';

/** Name of the demo's log in its checkpoints. */
export const ORIGIN = 'shop.example/audit';

/** Opens the log, or makes it where there is none. */
export async function openLog(directory: string): Promise<AuditLog> {
  await removeLeftPrivateSide(directory);
  try {
    // What a service needs is the directory and the origin; a demo does not wait long for another one to end.
    return await openAuditLog({ directory, origin: ORIGIN, lockTimeout: 1_000, onKeyCreated: () => {} });
  } catch (error) {
    if (error instanceof AuditError) throw new Refusal(error.message, { cause: error });
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
