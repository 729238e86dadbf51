// What `npm start` runs: a shop and its warehouse, which keep an audit log. Shows a day there, then stays open.
// Read shop.ts first, then warehouse.ts and logger.ts; the rest is theatre around them.
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DockerWatch } from '@audit/docker';
import { showDay, showTampering, showVerification, stayOpen } from './chapters.ts';
import { showContainers } from './containers.ts';
import { showOrder } from './one-order.ts';
import { readOptions, usage } from './options.ts';
import { print } from './print.ts';
import { Refusal } from './refusal.ts';
import { openServices } from './services.ts';
import { Client } from './tour.ts';

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args, process.env);
  if (options.help) {
    print(usage);
    return 0;
  }
  const services = await openServices(options);
  const { log, shopUrl, warehouseUrl } = services;
  const copies = await mkdtemp(join(tmpdir(), 'audit-demo-'));

  let watch: DockerWatch | null = null;
  const stop = async (): Promise<void> => {
    await watch?.stop();
    await services.close();
    await rm(copies, { recursive: true, force: true });
  };
  let interrupted = false;
  let touring = true;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      interrupted = true;
      await stop();
      print(`\nClosed, with ${log.info().size} entries in ${options.directory}.`);
      // Afterwards nothing is open, so the process ends by itself; a tour under way would go on and fail.
      if (touring) process.exit(128 + constants.signals[signal]);
    });
  }
  // Nobody reads on: `npm start | head`.
  process.stdout.once('error', async () => {
    interrupted = true;
    await stop();
    process.exit(1);
  });

  try {
    const client = new Client(shopUrl, warehouseUrl);
    const day = await showDay(services, client, copies);
    const traced = await showOrder(services, client);
    const verified = await showVerification(log);
    const caught = await showTampering(log, day.older, copies);
    watch = await showContainers(log);
    const good = day.good && traced && verified && caught;
    touring = false;
    await rm(copies, { recursive: true });
    if (options.once) await stop();
    else stayOpen(services, client.tokenOf('ada') ?? '');
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
