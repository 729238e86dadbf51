// A stored line as an entry to be shown. Showing is not checking: `audit verify` is.
import type { Entry } from '@audit/core';
import { CommandError } from './exit.ts';

/** @throws CommandError where the line at `seq` is no entry at all */
export function shownEntry(text: string, seq: number): Entry {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Entry;
  } catch {
    // Told below.
  }
  throw new CommandError(`What stands at ${seq} is not an entry: run audit verify.`);
}
