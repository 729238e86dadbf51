// Shop, warehouse, logger and log: opened together, and closed in the order in which nothing is lost.
import type { AuditLog } from '@audit/core';
import { openLog } from './log.ts';
import { closeLogger, createLogger, LogRecords } from './logger.ts';
import { listen } from './server.ts';
import { createShop } from './shop.ts';
import { WarehouseClient } from './warehouse-client.ts';

export interface ServicesOptions {
  readonly port: number;
  readonly warehousePort: number;
  readonly directory: string;
}

export interface Services {
  readonly log: AuditLog;
  readonly shopUrl: string;
  readonly warehouseUrl: string;
  /** What the shop's logger says, whether or not it becomes an entry. */
  readonly records: LogRecords;
  /** Requests end first, so that what they leave is still recorded. */
  close(): Promise<void>;
}

/** @throws Refusal where a port or the log cannot be had; nothing is left open then */
export async function openServices(options: ServicesOptions): Promise<Services> {
  // The ports first: where one is taken, nothing is written.
  const shopServer = await listen(options.port, '--port');
  const warehouseServer = await listen(options.warehousePort, '--warehouse-port').catch(closing(shopServer));
  // NestJS takes the longest to load: the log is opened meanwhile, and who is refused does not wait for it.
  const loading = import('./warehouse.ts');
  const governed = await openLog(options.directory).catch(closing(shopServer, warehouseServer));
  const { log, policy, handler } = governed;

  const { createWarehouse } = await loading;
  const warehouse = await createWarehouse(log, policy.nest).catch(
    closing(shopServer, warehouseServer, governed),
  );
  warehouseServer.serve(warehouse.getHttpAdapter().getInstance());

  const records = new LogRecords();
  const logger = createLogger(log, policy.winston, records);
  const client = new WarehouseClient(warehouseServer.url);
  shopServer.serve(createShop({ log, recorded: policy.express, health: handler, logger, warehouse: client }));

  return {
    log,
    shopUrl: shopServer.url,
    warehouseUrl: warehouseServer.url,
    records,
    async close() {
      await shopServer.close();
      await warehouseServer.close();
      await warehouse.close();
      await closeLogger(logger);
      await governed.close();
    },
  };
}

/** For what failed: closes what was opened before it, and hands the error on. */
function closing(...open: readonly { close(): Promise<void> }[]): (error: unknown) => Promise<never> {
  return async (error) => {
    for (const each of open) await each.close();
    throw error;
  };
}
