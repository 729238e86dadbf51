// What connects a command's function to commander. Types only.
import type { Terminal } from './terminal.ts';

/** Makes a command's action out of a function that is given the terminal and answers with the exit status. */
export type Run = <A extends unknown[]>(
  action: (terminal: Terminal, ...values: A) => Promise<number>,
) => (...values: A) => Promise<void>;
