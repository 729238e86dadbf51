// A logger over a real log, for the tests.
import { type Entry, openAuditLog } from '@audit/core';
import { assertIntact, createTestLog, type TestLog, type TestLogOptions } from '@audit/core/testing';
import winston from 'winston';
import { AuditTransport, type AuditTransportOptions } from '../src/index.ts';

export interface Shop {
  readonly log: TestLog;
  readonly transport: AuditTransport;
  readonly logger: winston.Logger;
  /** What the transport told by `warn`. */
  readonly warnings: readonly Error[];
  /** Entries of records, once everything logged until now is in. */
  entries(): Promise<readonly Entry[]>;
  /** Verifies and closes. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ShopOptions {
  readonly transport?: AuditTransportOptions;
  readonly logger?: winston.LoggerOptions;
  readonly log?: TestLogOptions;
}

export async function openShop(options: ShopOptions = {}): Promise<Shop> {
  const log = await createTestLog(options.log);
  const transport = new AuditTransport({ log, select: 'all', ...options.transport });
  const { transports: others = [], ...rest } = options.logger ?? {};
  const logger = winston.createLogger({ ...rest, transports: [transport, others].flat() });
  const warnings: Error[] = [];
  logger.on('warn', (error: Error) => warnings.push(error));
  return {
    log,
    transport,
    logger,
    warnings,
    entries: async () => {
      await settled();
      return records(log);
    },
    async [Symbol.asyncDispose]() {
      await settled();
      if (log.health().status === 'ok' || log.health().status === 'degraded') await assertIntact(log);
      await log.close();
    },
  };
}

/** A logger hands its first records on in the next tick. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** All entries but the log's own. */
export async function records(log: Pick<TestLog, 'flush' | 'entries'>): Promise<Entry[]> {
  await log.flush();
  const entries: Entry[] = [];
  for await (const entry of log.entries()) if (!entry.type.startsWith('log.')) entries.push(entry);
  return entries;
}

/** What a program that has ended left in its directory; it must verify. */
export async function left(directory: string): Promise<Entry[]> {
  const log = await openAuditLog({ directory });
  const entries = await records(log);
  const { verdict, findings } = await log.verify();
  await log.close();
  if (verdict !== 'intact') throw new Error(`The log is ${verdict}: ${JSON.stringify(findings)}`);
  return entries;
}
