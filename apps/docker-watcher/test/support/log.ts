// The log a service has left, or is writing: read and verified by what is not the service.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, parseEntry, parseVerifierKey, verifyDirectory } from '@audit/core';
import { expect } from 'vitest';

/** Every entry of a log that nobody writes, in order. Small logs: one segment after the other, none compressed. */
export function entriesOf(directory: string): readonly Entry[] {
  const folder = join(directory, 'entries');
  const lines = readdirSync(folder)
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  return lines.filter((line) => line !== '').map(parseEntry);
}

/** Resolves once a running service has recorded something of that name; a line half written is read again. */
export async function recorded(directory: string, name: string): Promise<void> {
  for (;;) {
    try {
      if (entriesOf(directory).some(({ resource }) => resource.name === name)) return;
    } catch {
      // Read in the midst of a write.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** @throws where it is not intact under its own key */
export async function expectIntact(directory: string): Promise<void> {
  const keys = [parseVerifierKey(readFileSync(join(directory, 'log.vkey'), 'utf8').trim())];
  const { verdict, findings } = await verifyDirectory(directory, { keys });
  expect(verdict, JSON.stringify(findings)).toBe('intact');
}
