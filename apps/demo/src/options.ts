// The demo's command line.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Refusal } from './refusal.ts';

export const usage = `Usage: npm start -- [options]

  --once                  exit after the tour; 0 if all was as it should be
  --port PORT             of the shop (default: PORT, else 3000; 0 takes any free)
  --warehouse-port PORT   of the warehouse (default: any free)
  --directory DIR         keep the log there (default: audit-log)
  --help                  print this
`;

export interface Options {
  readonly once: boolean;
  readonly port: number;
  readonly warehousePort: number;
  readonly directory: string;
  readonly help: boolean;
}

/** @throws Refusal where an option is unknown or makes no sense */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { once, port, 'warehouse-port': warehousePort, directory, help } = parse(args);
  return {
    once,
    port: readPort(port ?? (env.PORT || '3000')),
    warehousePort: readPort(warehousePort),
    directory: resolve(directory),
    help,
  };
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Refusal(`"${text}" is not a port: give a number from 0 to 65535`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        port: { type: 'string' },
        'warehouse-port': { type: 'string', default: '0' },
        directory: { type: 'string', default: 'audit-log' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Refusal(`${(error as Error).message}; see npm start -- --help`, { cause: error });
  }
}
