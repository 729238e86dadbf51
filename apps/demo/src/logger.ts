// The shop's logger: winston. What is marked for it becomes an entry of the audit log, and the rest does not.
import { once } from 'node:events';
import { Writable } from 'node:stream';
import type { AuditLog } from '@audit/core';
import { AuditTransport, type AuditTransportOptions } from '@audit/winston-transport';
import winston from 'winston';

/** A log record, as it would go to a console. */
export interface LogRecord {
  readonly level: string;
  readonly message: string;
  readonly timestamp: string;
  /** Whether it was marked for the audit log. */
  readonly audit?: boolean;
}

/** Stands for the console: emits each record as `record`, to be shown when its turn comes. */
export class LogRecords extends Writable {
  constructor() {
    super({ objectMode: true });
  }

  override _write(record: LogRecord, _encoding: BufferEncoding, done: () => void): void {
    this.emit('record', record);
    done();
  }
}

export function createLogger(
  log: AuditLog,
  recorded: AuditTransportOptions,
  records: LogRecords,
): winston.Logger {
  return winston.createLogger({
    defaultMeta: { service: 'shop' },
    transports: [
      new winston.transports.Stream({ stream: records, format: winston.format.timestamp() }),
      // `marked`: records with `audit: true`, or with `audit: { … }` that says more of the event.
      new AuditTransport({ select: 'marked', ...recorded, log }),
    ],
  });
}

/** Resolves when every record that became an entry is durable and signed. */
export async function closeLogger(logger: winston.Logger): Promise<void> {
  const finished = once(logger, 'finish');
  logger.end();
  await finished;
}
