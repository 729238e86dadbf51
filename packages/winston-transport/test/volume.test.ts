import { once } from 'node:events';
import { openAuditLog } from '@audit/core';
import { expect, test } from 'vitest';
import winston from 'winston';
import { AuditTransport } from '../src/index.ts';
import { inDirectory } from './child.ts';
import { left, settled } from './shop.ts';

const RECORDS = 100_000;

test.each([
  ['that gives way to the event loop now and then', 1_000, 'drop'],
  ['that never does, through the spool', RECORDS, 'spool'],
] as const)(
  '100,000 records of a loop %s arrive once each, in order',
  async (_how, stride, overload) => {
    await inDirectory(async (directory) => {
      const log = await openAuditLog({ directory, origin: 'test.example/volume', onKeyCreated: () => {} });
      const transport = new AuditTransport({
        log,
        select: 'all',
        ...(overload === 'spool' && {
          overload,
          spoolDirectory: `${directory}.spool`,
          flushTimeout: 600_000,
        }),
      });
      const logger = winston.createLogger({ transports: [transport] });
      const warnings: unknown[] = [];
      logger.on('warn', (error) => warnings.push(error));
      for (let n = 0; n < RECORDS; n++) {
        logger.info('counted', { n });
        if ((n + 1) % stride === 0) await settled();
      }
      logger.end();
      await once(logger, 'finish');
      await log.close();
      const numbers = (await left(directory)).map(
        ({ data }) => (data as unknown as { record: { meta: { n: number } } }).record.meta.n,
      );
      expect(numbers).toHaveLength(RECORDS);
      expect(numbers.findIndex((n, at) => n !== at)).toBe(-1);
      expect(warnings).toEqual([]);
    });
  },
  600_000,
);
