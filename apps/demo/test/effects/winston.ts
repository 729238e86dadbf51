// The effects of what the policy says about winston, seen through a real logger.
import { existsSync } from 'node:fs';
import { type AuditLog, type Entry, setAuditLog } from '@audit/core';
import type { Policy } from '@audit/policy';
import { AuditTransport, type AuditTransportError } from '@audit/winston-transport';
import winston from 'winston';
import { awaySigner, soon, withLog } from '../../../../packages/policy/test/effects/logs.ts';
import type { Effects } from '../../../../packages/policy/test/support/effect.ts';

const SPOOL = 'integrations.winston.spoolDirectory';
const OVERLOAD = 'integrations.winston.overload';

interface Logging {
  readonly log: AuditLog;
  readonly logger: winston.Logger;
  readonly transport: AuditTransport;
}

/** A logger on a log, both as the policy says. */
function withLogger<T>(policy: Policy, use: (logging: Logging) => Promise<T>): Promise<T> {
  return withLog(policy, async (log) => {
    const transport = new AuditTransport({ log, ...policy.winston });
    const logger = winston.createLogger({ level: 'silly', transports: [transport] });
    const result = await use({ log, logger, transport });
    logger.close();
    return result;
  });
}

/** What comes of the records `write` logs. */
function recorded(policy: Policy, write: (logger: winston.Logger) => void): Promise<Entry[]> {
  return withLogger(policy, async ({ log, logger, transport }) => {
    const from = log.info().size;
    write(logger);
    await transport.flush();
    const entries: Entry[] = [];
    for await (const entry of log.entries({ from })) entries.push(entry);
    return entries;
  });
}

const count = async (policy: Policy, write: (logger: winston.Logger) => void) =>
  (await recorded(policy, write)).length;

/** A logger that writes before there is a log, which comes then: how many of five records are there in the end. */
async function early(policy: Policy): Promise<number> {
  const transport = new AuditTransport(policy.winston);
  const logger = winston.createLogger({ transports: [transport] });
  logger.on('warn', () => {});
  for (let n = 0; n < 5; n++) logger.info(String(n), { audit: true });
  return withLog(policy, async (log) => {
    const from = log.info().size;
    setAuditLog(log);
    try {
      await transport.flush();
      let found = 0;
      for await (const { type } of log.entries({ from })) if (type === 'application.log') found++;
      return found;
    } finally {
      logger.close();
      setAuditLog(undefined);
    }
  });
}

export const winstonEffects: Effects = {
  'integrations.winston.select': {
    value: '{level: warn}',
    observe: (policy) => count(policy, (logger) => logger.warn('low on stock').info('as ever')),
    expected: 1,
  },
  'integrations.winston.mark': {
    value: 'trail',
    observe: (policy) => count(policy, (logger) => logger.info('sold', { trail: true })),
    expected: 1,
  },
  'integrations.winston.levels': {
    value: '{info: critical}',
    observe: async (policy) =>
      (await recorded(policy, (logger) => logger.info('sold', { audit: true })))[0]?.level,
    expected: 'critical',
  },
  'integrations.winston.level': {
    value: 'error',
    observe: (policy) => count(policy, (logger) => logger.info('sold', { audit: true })),
    expected: 0,
  },
  // Records as winston makes them of what nobody caught.
  'integrations.winston.handleExceptions': {
    value: 'true',
    observe: (policy) =>
      count(policy, (logger) => logger.error('uncaughtException: no', { exception: true })),
    expected: 1,
  },
  'integrations.winston.handleRejections': {
    value: 'true',
    observe: (policy) =>
      count(policy, (logger) => logger.error('unhandledRejection: no', { rejection: true })),
    expected: 1,
  },
  [OVERLOAD]: {
    value: 'spool',
    beside: { [SPOOL]: 'waiting' },
    besideWithout: {},
    observe: early,
    expected: 5,
  },
  [SPOOL]: {
    value: 'waiting',
    beside: { [OVERLOAD]: 'spool' },
    instead: 'elsewhere',
    observe: async (policy) => [await early(policy), existsSync('waiting')],
    expected: [5, true],
  },
  'integrations.winston.spoolRecords': {
    value: '2',
    beside: { [OVERLOAD]: 'spool', [SPOOL]: 'waiting' },
    observe: early,
    expected: 2,
  },
  'integrations.winston.strict': {
    value: 'true',
    observe: async (policy) => {
      const transport = new AuditTransport(policy.winston);
      const told = new Promise((resolve) => {
        for (const name of ['error', 'warn']) transport.once(name, () => resolve(name));
      });
      transport.log({ level: 'info', message: 'sold', audit: true });
      return told;
    },
    expected: 'error',
  },
  'integrations.winston.flushTimeout': {
    value: '50ms',
    observe: async (policy) => {
      const signer = awaySigner();
      const patience = (log: AuditLog) =>
        soon(async () => {
          const transport = new AuditTransport({ log, ...policy.winston });
          signer.away = 'silent';
          transport.log({ level: 'info', message: 'sold', audit: true });
          const error = await transport.flush().then(
            () => undefined,
            (caught: AuditTransportError) => caught,
          );
          signer.comeBack();
          // What waits for the signer waits by the clock that flies.
          await log.flush();
          return Number(/(\d+) ms/.exec(error?.message ?? '')?.[1]);
        });
      return withLog(policy, patience, { signer });
    },
    expected: 50,
  },
};
