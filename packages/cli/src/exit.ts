// The exit statuses of every command, and the error that means "could not be checked". May import @audit/core only.
import type { Verdict } from '@audit/core';

/** The log, or the proof, is what it claims to be. */
export const EXIT_INTACT = 0;
/** It was tampered with. */
export const EXIT_TAMPERED = 1;
/** It could not be checked: nothing there, no key for it, a wrong option. */
export const EXIT_UNCHECKED = 2;

export const VERDICT_EXITS: Readonly<Record<Verdict, number>> = {
  intact: EXIT_INTACT,
  tampered: EXIT_TAMPERED,
  unverifiable: EXIT_UNCHECKED,
};

/** A command that cannot do what it was asked to: one sentence that says what to do. Exit status 2. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
