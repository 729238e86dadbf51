import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuditLog, setAuditLog, verifyDirectory } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Audit,
  AuditHealthIndicator,
  AuditModule,
  type AuditModuleOptions,
  type AuditOptionsFactory,
  AuditService,
  getAuditToken,
  InjectAudit,
} from '../src/index.ts';
import { openService, PLATFORMS } from './service.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-nest-'));
});
afterAll(() => rm(folder, { recursive: true }));

@Controller()
class Hello {
  @Get() hello() {
    return 'hello';
  }
}

/** Starts, asks once, stops, and tells what the log in `directory` then says of itself. */
async function run(imports: NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>) {
  const module = await Test.createTestingModule({ imports, controllers: [Hello] }).compile();
  const app = module.createNestApplication({ logger: false, forceCloseConnections: true });
  await app.listen(0, '127.0.0.1');
  await (await fetch(await app.getUrl())).text();
  await app.close();
}

async function typesIn(directory: string): Promise<string[]> {
  const log = await openAuditLog({ directory });
  const types: string[] = [];
  for await (const { type } of log.entries()) types.push(type);
  await log.close();
  expect((await verifyDirectory(directory)).verdict).toBe('intact');
  return types;
}

const logOptions = (directory: string) => ({
  directory,
  origin: 'shop.example/audit',
  onKeyCreated: () => {},
});

/** A log the module opened is closed on shutdown: its last entry then, before the test opened it again. */
const LIFE = ['log.create', 'http.request', 'log.close', 'log.open'];

describe('a log the module opens', () => {
  test('by forRoot, is closed when the application is', async () => {
    const directory = join(folder, 'root');
    await run([AuditModule.forRoot({ log: logOptions(directory) })]);
    expect(await typesIn(directory)).toEqual(LIFE);
  });

  test('by forRootAsync with a factory over ConfigService', async () => {
    const directory = join(folder, 'config');
    const load = () => ({ AUDIT_DIRECTORY: directory, AUDIT_HEADERS: 'x-tenant' });
    await run([
      ConfigModule.forRoot({ ignoreEnvFile: true, load: [load] }),
      AuditModule.forRootAsync({
        imports: [ConfigModule],
        inject: [ConfigService],
        useFactory: async (config: ConfigService) => ({
          log: logOptions(config.getOrThrow<string>('AUDIT_DIRECTORY')),
          headers: config.getOrThrow<string>('AUDIT_HEADERS').split(','),
        }),
      }),
    ]);
    expect(await typesIn(directory)).toEqual(LIFE);
  });

  test('by forRootAsync with a class', async () => {
    const directory = join(folder, 'class');
    @Injectable()
    class Options implements AuditOptionsFactory {
      createAuditOptions(): AuditModuleOptions {
        return { log: logOptions(directory) };
      }
    }
    await run([AuditModule.forRootAsync({ useClass: Options })]);
    expect(await typesIn(directory)).toEqual(LIFE);
  });

  test('that cannot be opened stops the start', async () => {
    const module = Test.createTestingModule({
      imports: [AuditModule.forRoot({ log: { directory: '/dev/null/x' } })],
    });
    await expect(module.compile()).rejects.toThrow();
  });
});

test('a log of the application is flushed on shutdown and left open', async () => {
  const log = await createTestLog();
  await run([AuditModule.forRoot({ log })]);
  expect(log.health()).toMatchObject({ status: 'ok', queued: { events: 0 } });
  await log.close();
});

test('without a log it is the one of the process', async () => {
  const log = await createTestLog();
  setAuditLog(log);
  await run([AuditModule.forRoot({})]);
  setAuditLog(undefined);
  await log.flush();
  const types: string[] = [];
  for await (const { type } of log.entries()) types.push(type);
  expect(types).toContain('http.request');
  await log.close();
});

test('NestFactory, with middleware and body parser before everything Nest mounts, in the context', async () => {
  const log = await createTestLog();
  @Module({ imports: [AuditModule.forRoot({ log })], controllers: [Hello] })
  class App {}
  const app = await NestFactory.create(App, { logger: false, forceCloseConnections: true });
  app.use((_req: unknown, _res: unknown, next: () => void) => {
    log.emit({
      type: 'data.read',
      operation: 'in main.ts',
      resource: { type: 'x', id: '1' },
      outcome: 'success',
    });
    next();
  });
  await app.listen(0, '127.0.0.1');
  const response = await fetch(await app.getUrl());
  await response.text();
  await app.close();
  const found = [];
  for await (const { type, trace } of log.entries())
    if (!type.startsWith('log.')) found.push([type, trace?.requestId]);
  const requestId = response.headers.get('x-request-id');
  expect(found).toEqual([
    ['data.read', requestId],
    ['http.request', requestId],
  ]);
  await log.close();
});

test.each<[string, object, string]>([
  ['an unknown option', { heders: [] }, 'options.heders is not an option'],
  ['an actor that is no function', { actor: 'ada' }, 'options.actor must be a function'],
  ['a messageActor that is no function', { messageActor: 'ada' }, 'options.messageActor must be a function'],
])('%s stops the start and is named', async (_what, options, message) => {
  const module = Test.createTestingModule({ imports: [AuditModule.forRoot(options as AuditModuleOptions)] });
  await expect(module.compile()).rejects.toThrow(message);
});

describe('a second, named log', () => {
  @Controller()
  class Bills {
    readonly audit: AuditService;
    readonly billing: AuditService;
    constructor(@Inject(AuditService) audit: AuditService, @InjectAudit('billing') billing: AuditService) {
      this.audit = audit;
      this.billing = billing;
    }
    @Get('pay') async pay() {
      const event = { type: 'data.update', resource: { type: 'bill', id: '1' }, outcome: 'success' } as const;
      await this.billing.record({ ...event, operation: 'pay' });
      await this.audit.record({ ...event, operation: 'note' });
      return 'paid';
    }
    @Get('send') @Audit({ type: 'data.create', log: 'billing' }) send() {
      return 'sent';
    }
    @Get('nowhere') @Audit({ type: 'data.create', log: 'missing' }) nowhere() {
      return 'fine';
    }
  }

  test.each(PLATFORMS)(
    '%s: is injected by name, named by @Audit(), and records no traffic',
    async (_name, adapter) => {
      const billing = await createTestLog({ origin: 'shop.example/billing' });
      await using service = await openService(adapter, {
        controllers: [Bills],
        imports: [AuditModule.forRoot({ name: 'billing', log: billing })],
      });
      expect(service.app.get(getAuditToken('billing')).log).toBe(billing);
      let requestId: string | null = null;
      for (const path of ['/pay', '/send', '/nowhere']) {
        const response = await fetch(service.url + path);
        await response.text();
        if (path === '/pay') requestId = response.headers.get('x-request-id');
      }
      const entries = await service.finished(4, '*');
      expect(entries.map(({ operation }) => operation)).toEqual([
        'note',
        'GET /pay',
        'GET /send',
        'GET /nowhere',
      ]);
      const bills = [];
      for await (const entry of billing.entries()) if (!entry.type.startsWith('log.')) bills.push(entry);
      expect(bills.map(({ operation }) => operation)).toEqual(['pay', 'Bills.send']);
      expect(bills[0]?.trace).toEqual({ requestId });
      await billing.close();
    },
  );
});

describe('the health indicator, asked by terminus', () => {
  @Controller('health')
  class Health {
    readonly health: HealthCheckService;
    readonly audit: AuditHealthIndicator;
    constructor(
      @Inject(HealthCheckService) health: HealthCheckService,
      @Inject(AuditHealthIndicator) audit: AuditHealthIndicator,
    ) {
      this.health = health;
      this.audit = audit;
    }
    @Get() @HealthCheck() check() {
      return this.health.check([() => this.audit.isHealthy()]);
    }
  }

  test.each(PLATFORMS)(
    '%s: is up while the log records, and down once it does not',
    async (_name, adapter) => {
      await using service = await openService(adapter, {
        controllers: [Health],
        imports: [TerminusModule.forRoot({ logger: false })],
      });
      const ask = async () => {
        const response = await fetch(`${service.url}/health`);
        return { status: response.status, body: (await response.json()) as { details: object } };
      };
      expect(await ask()).toMatchObject({
        status: 200,
        body: { status: 'ok', details: { audit: { status: 'up', log: 'ok', reasons: [], lost: {} } } },
      });
      await service.log.close();
      expect(await ask()).toMatchObject({
        status: 503,
        body: { status: 'error', details: { audit: { status: 'down', log: 'closed' } } },
      });
    },
  );
});
