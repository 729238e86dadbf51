import { once } from 'node:events';
import { openAuditLog } from '@audit/core';
import { expect, test } from 'vitest';
import winston from 'winston';
import { AuditTransport } from '../src/index.ts';
import { inDirectory } from './child.ts';
import { left, settled } from './shop.ts';

const RECORDS = 100_000;

test('100,000 records arrive once each, in order', async () => {
  await inDirectory(async (directory) => {
    const log = await openAuditLog({ directory, origin: 'test.example/volume', onKeyCreated: () => {} });
    const logger = winston.createLogger({ transports: [new AuditTransport({ log, select: 'all' })] });
    const warnings: unknown[] = [];
    logger.on('warn', (error) => warnings.push(error));
    for (let n = 0; n < RECORDS; n++) {
      logger.info('counted', { n });
      if (n % 1_000 === 999) await settled();
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
}, 300_000);
