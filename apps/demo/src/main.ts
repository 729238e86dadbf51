// What `npm start` runs: a shop that keeps an audit log. Opens both, shows a day there, then stays open.
// Read shop.ts first; the rest is theatre around it.
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { showDay, showTampering, showVerification, stayOpen } from './chapters.ts';
import { openLog } from './log.ts';
import { readOptions, usage } from './options.ts';
import { print } from './print.ts';
import { Refusal } from './refusal.ts';
import { listen } from './server.ts';
import { createShop } from './shop.ts';

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args, process.env);
  if (options.help) {
    print(usage);
    return 0;
  }
  // The port first: where it is taken, nothing is written.
  const server = await listen(options.port);
  const log = await openLog(options.directory).catch(async (error) => {
    await server.close();
    throw error;
  });
  server.serve(createShop(log));

  const copies = await mkdtemp(join(tmpdir(), 'audit-demo-'));

  /** Requests end first, so that what they leave is still recorded. */
  const stop = async (): Promise<void> => {
    await server.close();
    await log.close();
    await rm(copies, { recursive: true, force: true });
  };
  let interrupted = false;
  let touring = true;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      interrupted = true;
      await stop();
      print(`\nClosed, with ${log.info().size} entries in ${options.directory}.`);
      process.exit(touring ? 128 + constants.signals[signal] : 0);
    });
  }
  // Nobody reads on: `npm start | head`.
  process.stdout.once('error', async () => {
    interrupted = true;
    await stop();
    process.exit(1);
  });

  try {
    const day = await showDay(log, server.url, copies);
    const verified = await showVerification(log);
    const caught = await showTampering(log, day.older, copies);
    const good = day.good && verified && caught;
    touring = false;
    await rm(copies, { recursive: true });
    if (options.once) await stop();
    else stayOpen(log, server.url);
    return good ? 0 : 1;
  } catch (error) {
    if (interrupted) return 1; // what is open is being closed
    await stop();
    throw error;
  }
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: Error) => {
    process.stderr.write(`${error instanceof Refusal ? error.message : error.stack}\n`);
    process.exitCode = 1;
  },
);
