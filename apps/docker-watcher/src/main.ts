#!/usr/bin/env node
// The docker-watcher command: reads the policy, starts the service, and stops it when it is told to.
import { constants } from 'node:os';
import { loadPolicy, PolicyError } from '@audit/policy';
import { entryLine } from './entry-line.ts';
import { readOptions, usage } from './options.ts';
import { EXIT_FAILED, EXIT_MISCONFIGURED, Refusal } from './refusal.ts';
import { visible } from './visible.ts';
import { startWatcher, type Watcher } from './watcher.ts';

/** For people and the journal; standard output is for entries. */
function tell(text: string): void {
  process.stderr.write(`${text.split('\n').map(visible).join('\n')}\n`);
}

async function main(args: readonly string[]): Promise<void> {
  const { config, print, help } = readOptions(args, process.env);
  if (help) {
    process.stdout.write(usage);
    return;
  }
  // From here on a signal ends the service as it should end, also while it starts.
  let watcher: Watcher | undefined;
  const stopping = stopOnSignal(() => watcher);
  // Nobody reads on: `docker-watcher --print | head`.
  process.stdout.on('error', () => stopping.stop());
  const policy = await loadPolicy(config);
  watcher = await startWatcher({
    policy,
    report: tell,
    opened: (log) => {
      if (!print) return;
      log.on('entry', ({ entry }) => process.stdout.write(`${entryLine(entry)}\n`));
    },
  });
  const { location, size } = watcher.log.info();
  tell(`The log is ${location}, ${size} entries; health and metrics are at ${watcher.url}.`);
  if (stopping.wanted) stopping.stop();
}

/** The first SIGTERM or SIGINT stops, a second one ends at once. */
function stopOnSignal(running: () => Watcher | undefined) {
  let wanted = false;
  let begun = false;
  const stop = () => {
    wanted = true;
    const watcher = running();
    // What still starts is stopped as soon as it has.
    if (watcher === undefined || begun) return;
    begun = true;
    watcher.stop().then(
      () => {
        tell(`Stopped; the log has ${watcher.log.info().size} entries.`);
        process.exit(0);
      },
      (error: Error) => {
        tell(`Stopped, but not all was recorded: ${error.message}`);
        process.exit(EXIT_FAILED);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (wanted) process.exit(128 + constants.signals[signal]);
      tell(`${signal}: stopping. Once more ends at once, without what is not yet recorded.`);
      stop();
    });
  }
  return {
    stop,
    get wanted() {
      return wanted;
    },
  };
}

main(process.argv.slice(2)).catch((error: Error) => {
  if (error instanceof PolicyError) tell(error.message);
  else tell(error instanceof Refusal ? error.message : (error.stack ?? String(error)));
  const misconfigured = error instanceof PolicyError ? EXIT_MISCONFIGURED : EXIT_FAILED;
  process.exit(error instanceof Refusal ? error.status : misconfigured);
});
