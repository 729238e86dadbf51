// How a server records its requests: opened once, ended once, with everything in the file.
import { join } from 'node:path';
import { type AuditLog, openAuditLog } from '@audit/core';
import pino, { type Logger } from 'pino';
import type { Variant } from './variants.ts';

/** The file pino writes, in the directory of its server. */
export const PINO_FILE = 'requests.jsonl';
/** The log's directory, in that of its server. */
export const LOG_DIRECTORY = 'audit-log';

/** What pino's documentation on asynchronous logging recommends. */
const PINO_ASYNC = { sync: false, minLength: 4_096 } as const;

/** What our adapters are given. */
export interface AuditOptions {
  readonly log: AuditLog;
  readonly onFailure?: 'strict';
}

export interface Recording {
  readonly audit?: AuditOptions;
  /** For pino-http, and for nestjs-pino, which is built on it. */
  readonly logger?: Logger;
  /** Resolves when all that was recorded is in the file. */
  end(): Promise<void>;
}

export async function openRecording(variant: Variant, directory: string): Promise<Recording> {
  switch (variant) {
    case 'none':
      return { end: async () => {} };
    case 'emit':
    case 'strict': {
      const log = await openAuditLog({
        directory: join(directory, LOG_DIRECTORY),
        origin: 'bench.example/audit',
        onKeyCreated: () => {},
      });
      const audit: AuditOptions = variant === 'strict' ? { log, onFailure: variant } : { log };
      return { audit, end: () => log.close() };
    }
    default: {
      const destination = pino.destination({
        dest: join(directory, PINO_FILE),
        ...(variant === 'pino-async' && PINO_ASYNC),
      });
      return {
        logger: pino(destination),
        end: async () => destination.flushSync(),
      };
    }
  }
}
