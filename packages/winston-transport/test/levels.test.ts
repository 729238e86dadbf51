import type { Level } from '@audit/core';
import { expect, test } from 'vitest';
import winston from 'winston';
import { openShop } from './shop.ts';

/** The audit level of one record at each level of a table, in its order. */
async function levelsOf(table: Readonly<Record<string, number>>, own?: Readonly<Record<string, Level>>) {
  const names = Object.keys(table);
  await using shop = await openShop({
    logger: { levels: table, level: names.at(-1)! },
    transport: own === undefined ? {} : { levels: own },
  });
  for (const name of names) shop.logger.log(name, `at ${name}`);
  const entries = await shop.entries();
  return Object.fromEntries(entries.map((entry) => [entry.operation.slice(3), entry.level]));
}

test('the levels of npm', async () => {
  expect(await levelsOf(winston.config.npm.levels)).toEqual({
    error: 'error',
    warn: 'warning',
    info: 'info',
    http: 'info',
    verbose: 'debug',
    debug: 'debug',
    silly: 'debug',
  });
});

test('the levels of syslog', async () => {
  expect(await levelsOf(winston.config.syslog.levels)).toEqual({
    emerg: 'critical',
    alert: 'critical',
    crit: 'critical',
    error: 'error',
    warning: 'warning',
    notice: 'info',
    info: 'info',
    debug: 'debug',
  });
});

test('the levels of cli', async () => {
  expect(await levelsOf(winston.config.cli.levels)).toEqual({
    error: 'error',
    warn: 'warning',
    help: 'info',
    data: 'info',
    info: 'info',
    debug: 'debug',
    prompt: 'info',
    verbose: 'debug',
    input: 'info',
    silly: 'debug',
  });
});

test('custom levels: as the application says, by name, and else at least as grave as the next one below', async () => {
  const table = { doom: 0, fatal: 1, audit: 2, odd: 3, warn: 4, constructor: 5, info: 6, whisper: 7 };
  expect(await levelsOf(table, { audit: 'security' })).toEqual({
    doom: 'critical',
    fatal: 'critical',
    audit: 'security',
    odd: 'warning',
    warn: 'warning',
    constructor: 'info',
    info: 'info',
    whisper: 'info',
  });
});

test('levels that say nothing to anybody are info', async () => {
  expect(await levelsOf({ one: 0, two: 1 })).toEqual({ one: 'info', two: 'info' });
});
