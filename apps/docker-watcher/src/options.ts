// The service's command line.
import { parseArgs } from 'node:util';
import { EXIT_MISCONFIGURED, Refusal } from './refusal.ts';

/** The policy that is read when none is named. */
export const DEFAULT_CONFIG = 'config/audit.yaml';

export const usage = `Usage: docker-watcher [options]

  --config FILE   the policy (default: AUDIT_CONFIG, else ${DEFAULT_CONFIG})
  --print         print each entry as a line as it is recorded
  --help          print this
`;

export interface Options {
  readonly config: string;
  readonly print: boolean;
  readonly help: boolean;
}

/** @throws Refusal where an option is unknown */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { config, print, help } = parse(args);
  return { config: config ?? (env.AUDIT_CONFIG || DEFAULT_CONFIG), print, help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        config: { type: 'string' },
        print: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Refusal(`${(error as Error).message}; see --help`, EXIT_MISCONFIGURED, { cause: error });
  }
}
