import { getAuditContext } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import { Controller, Get, type MiddlewareConsumer, Module, type NestModule, Post, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, test } from 'vitest';
import { AuditModule } from '../src/index.ts';
import { PLATFORMS, serviceOf } from './service.ts';

@Controller()
class Shop {
  @Get('order') order() {
    return { id: getAuditContext()?.trace?.requestId };
  }
  @Post('order') place(@Req() request: { body: { note: string } }) {
    return { id: getAuditContext()?.trace?.requestId, note: request.body.note.length };
  }
}

describe.each(PLATFORMS)('%s', (_name, adapter) => {
  test.each([
    ['', 'without a prefix'],
    ['v1', 'under a prefix'],
  ])('%s middleware of main.ts and of modules runs in the context of its request %s', async (prefix) => {
    const seen: unknown[] = [];
    const see = (where: string) => (_req: unknown, _res: unknown, next: () => void) => {
      seen.push([where, getAuditContext()?.trace?.requestId]);
      next();
    };
    const log = await createTestLog();
    @Module({ imports: [AuditModule.forRoot({ log })], controllers: [Shop] })
    class App implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        consumer.apply(see('module')).forRoutes(Shop);
      }
    }
    const app = await NestFactory.create(App, adapter(), { logger: false, forceCloseConnections: true });
    app.use(see('main.ts'));
    app.setGlobalPrefix(prefix);
    await app.listen(0, '127.0.0.1');
    await using service = serviceOf(app, log);
    const read = await fetch(`${service.url}/${prefix && `${prefix}/`}order`);
    const missing = await fetch(`${service.url}/nowhere`);
    const [id, other] = [read, missing].map(({ headers }) => headers.get('x-request-id'));
    expect(await read.json()).toEqual({ id });
    expect(seen).toEqual([
      ['main.ts', id],
      ['module', id],
      ['main.ts', other],
    ]);
    const entries = await service.finished(2);
    expect(entries.map(({ actor }) => actor?.ip)).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  test('a middleware that goes on in a callback of nobody leaves the handler its context', async () => {
    const log = await createTestLog();
    const waiting: (() => void)[] = [];
    // As of a pool of connections, opened before the first request.
    const pool = setInterval(() => waiting.shift()?.(), 1);
    @Module({ imports: [AuditModule.forRoot({ log })], controllers: [Shop] })
    class App implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        const wait = (_req: unknown, _res: unknown, next: () => void) => void waiting.push(next);
        consumer.apply(wait).forRoutes(Shop);
      }
    }
    const app = await NestFactory.create(App, adapter(), { logger: false, forceCloseConnections: true });
    await app.listen(0, '127.0.0.1');
    await using service = serviceOf(app, log);
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ note: 'x'.repeat(80_000) }),
    };
    for (const response of [await fetch(`${service.url}/order`), await fetch(`${service.url}/order`, init)]) {
      expect(await response.json()).toMatchObject({ id: response.headers.get('x-request-id') });
    }
    clearInterval(pool);
    await service.finished(2);
  });
});
