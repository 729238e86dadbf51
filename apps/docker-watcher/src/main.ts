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
  const ending = new Ending();
  // Nobody reads on: `docker-watcher --print | head`.
  process.stdout.on('error', () => ending.begin(0));
  process.stderr.on('error', () => {});
  const policy = await loadPolicy(config);
  const watcher = await startWatcher({
    policy,
    report: tell,
    opened: (log) => {
      if (print) log.on('entry', ({ entry }) => process.stdout.write(`${entryLine(entry)}\n`));
      // It takes nothing any more until it is opened again: that is left to whoever restarts the service.
      log.on('error', () => {
        if (log.health().status === 'stopped') ending.begin(EXIT_FAILED);
      });
    },
  });
  const { location, size } = watcher.log.info();
  tell(`The log is ${location}, ${size} entries; health and metrics are at ${watcher.url}.`);
  ending.of(watcher);
}

/** How the process ends: the first SIGTERM or SIGINT stops the service, a second one ends at once. */
class Ending {
  #watcher: Watcher | undefined;
  /** Wanted, with this status. */
  #status: number | undefined;
  #begun = false;

  constructor() {
    let signalled = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (signalled) process.exit(128 + constants.signals[signal]);
        signalled = true;
        tell(`${signal}: stopping. Once more ends at once, without what is not yet recorded.`);
        this.begin(0);
      });
    }
  }

  /** What is to be ended. Where that is wanted already, it is ended now. */
  of(watcher: Watcher): void {
    this.#watcher = watcher;
    if (this.#status !== undefined) this.begin(this.#status);
  }

  begin(status: number): void {
    this.#status = Math.max(status, this.#status ?? 0);
    const watcher = this.#watcher;
    if (watcher === undefined || this.#begun) return;
    this.#begun = true;
    watcher.stop().then(
      () => {
        tell(`Stopped; the log has ${watcher.log.info().size} entries.`);
        process.exit(this.#status);
      },
      (error: Error) => {
        tell(`Stopped, but not all was recorded: ${error.message}`);
        process.exit(EXIT_FAILED);
      },
    );
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  if (error instanceof PolicyError) tell(error.message);
  else tell(error instanceof Refusal ? error.message : (error.stack ?? String(error)));
  const misconfigured = error instanceof PolicyError ? EXIT_MISCONFIGURED : EXIT_FAILED;
  process.exit(error instanceof Refusal ? error.status : misconfigured);
});
