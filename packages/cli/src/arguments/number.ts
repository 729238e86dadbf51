// Numbers on the command line: decimal, whole, not negative, small enough to count with.
import { CommandError } from '../exit.ts';

/** @throws CommandError that names the argument */
export function wholeNumber(value: string, argument: string): number {
  const number = /^(0|[1-9][0-9]*)$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) {
    throw new CommandError(`${argument} must be a whole number from 0 on, not ${JSON.stringify(value)}.`);
  }
  return number;
}
