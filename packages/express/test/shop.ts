// An Express application on a real socket over a real log, for the tests; both majors of Express.

import type { Entry } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import type { Express } from 'express';
import express5 from 'express';
import express4 from 'express4';
import { expect } from 'vitest';
import { type Listening, listen } from '../../http/test/wire.ts';
import { type AuditExpressOptions, auditExpress } from '../src/index.ts';

export type ExpressFactory = typeof express5;

/** For `describe.each`: what every adapter test runs over. */
export const VERSIONS: readonly (readonly [string, ExpressFactory])[] = [
  ['Express 5', express5],
  ['Express 4', express4],
];

type TestLog = Awaited<ReturnType<typeof createTestLog>>;

export interface Shop extends Listening {
  readonly log: TestLog;
  /**
   * Waits until `count` requests are recorded, closes the server, verifies the log, and resolves with every `http.request` entry
   * there is by then: more than `count` is a failure for the test to find.
   */
  finished(count: number): Promise<readonly Entry[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves `routes` behind `auditExpress`; disposing it closes server and log. */
export async function openShop(
  express: ExpressFactory,
  routes: (app: Express, express: ExpressFactory) => void,
  options: AuditExpressOptions = {},
): Promise<Shop> {
  const log = await createTestLog();
  let recorded = 0;
  log.on('entry', ({ entry }) => {
    if (entry.type === 'http.request') recorded++;
  });
  const app = express();
  // Only our own words on the terminal: Express prints errors it answers unless told it is under test.
  app.set('env', 'test');
  app.use(auditExpress({ log, ...options }));
  routes(app, express);
  const listening = await listen(app);
  const requests = async () => {
    await log.flush();
    const found: Entry[] = [];
    for await (const entry of log.entries({ type: 'http.request' })) found.push(entry);
    return found;
  };
  return {
    ...listening,
    log,
    async finished(count) {
      while (recorded < count) await new Promise((resolve) => setTimeout(resolve, 5));
      await listening.close();
      const all = await requests();
      expect((await log.verify()).verdict).toBe('intact');
      return all;
    },
    async [Symbol.asyncDispose]() {
      await listening.close();
      await log.close();
    },
  };
}
