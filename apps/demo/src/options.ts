// The demo's command line.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Refusal } from './refusal.ts';

export const usage = `Usage: npm start -- [options]

  --once            exit after the tour; 0 if all was as it should be
  --port PORT       listen there (default: PORT, else 3000; 0 takes any free port)
  --directory DIR   keep the log there (default: audit-log)
  --help            print this
`;

export interface Options {
  readonly once: boolean;
  readonly port: number;
  readonly directory: string;
  readonly help: boolean;
}

/** @throws Refusal where an option is unknown or makes no sense */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { once, port, directory, help } = parse(args);
  const chosen = port ?? (env.PORT || '3000');
  if (!/^\d{1,5}$/.test(chosen) || Number(chosen) > 65_535) {
    throw new Refusal(`"${chosen}" is not a port: give a number from 0 to 65535`);
  }
  return { once, port: Number(chosen), directory: resolve(directory), help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        port: { type: 'string' },
        directory: { type: 'string', default: 'audit-log' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Refusal(`${(error as Error).message}; see npm start -- --help`, { cause: error });
  }
}
