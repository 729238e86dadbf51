// A Nest application on a real socket over a real log, for the tests; on Express and on Fastify.
import 'reflect-metadata';
import type { AuditLog, Entry } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { expect } from 'vitest';
import { AuditModule, type AuditModuleOptions } from '../src/index.ts';
import { VERSION } from './version.ts';

export type AdapterFactory = () => AbstractHttpAdapter;

/** For `describe.each`: what every test of HTTP runs over. */
export const PLATFORMS: readonly (readonly [string, AdapterFactory])[] = [
  [`${VERSION} on Express`, () => new ExpressAdapter() as unknown as AbstractHttpAdapter],
  [`${VERSION} on Fastify`, () => new FastifyAdapter() as unknown as AbstractHttpAdapter],
];

export interface ServiceOptions extends ModuleMetadata {
  readonly audit?: Omit<AuditModuleOptions, 'log'>;
  /** Default: one in memory. */
  readonly log?: AuditLog;
  /** What `main.ts` would do before `listen()`. */
  readonly main?: (app: INestApplication) => unknown;
}

export interface Service {
  readonly app: INestApplication;
  readonly log: AuditLog;
  readonly port: number;
  readonly url: string;
  /** Waits until there are `count` entries of `type`, closes the application, verifies the log, and gives them all. */
  finished(count: number, type?: string): Promise<readonly Entry[]>;
  /** Every entry that is not of the log's own life. */
  entries(type?: string): Promise<readonly Entry[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openService(adapter: AdapterFactory, options: ServiceOptions = {}): Promise<Service> {
  const { audit = {}, log = await createTestLog(), main, imports = [], ...rest } = options;
  const module = await Test.createTestingModule({
    ...rest,
    imports: [AuditModule.forRoot({ ...audit, log }), ...imports],
  }).compile();
  const app = module.createNestApplication(adapter(), { logger: false, forceCloseConnections: true });
  await main?.(app);
  await app.listen(0, '127.0.0.1');
  return serviceOf(app, log);
}

/** @param app listening */
export function serviceOf(app: INestApplication, log: AuditLog): Service {
  const { port } = app.getHttpServer().address() as { port: number };
  const entries = async (type?: string) => {
    await log.flush();
    const found: Entry[] = [];
    for await (const entry of log.entries(type === undefined ? {} : { type })) {
      if (!entry.type.startsWith('log.')) found.push(entry);
    }
    return found;
  };
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= app.close();
    return closed;
  };
  return {
    app,
    log,
    port,
    url: `http://127.0.0.1:${port}`,
    entries,
    async finished(count, type = 'http.request') {
      while ((await entries(type)).length < count) await new Promise((resolve) => setTimeout(resolve, 5));
      await close();
      const all = await entries(type);
      expect((await log.verify()).verdict).toBe('intact');
      return all;
    },
    async [Symbol.asyncDispose]() {
      await close();
      await log.close();
    },
  };
}
