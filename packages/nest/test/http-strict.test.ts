import 'reflect-metadata';
import { Readable } from 'node:stream';
import {
  Body,
  type CanActivate,
  Controller,
  Get,
  type INestApplication,
  Param,
  Post,
  Sse,
  StreamableFile,
  UseGuards,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { from, map } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { openStagedLog, type StagedLog, stagesOf, until } from '../../http/test/strict-log.ts';
import { Audit, AuditModule, type AuditModuleOptions, SkipAudit } from '../src/index.ts';
import { type AdapterFactory, PLATFORMS } from './service.ts';

const ran: string[] = [];

class Refusing implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller('orders')
class Orders {
  @Get(':id') one(@Param('id') id: string) {
    ran.push(id);
    return { order: id };
  }
  @Post() @Audit({ type: 'data.create', resource: { type: 'order', param: 'name' } }) make(
    @Body() body: { name: string },
  ) {
    ran.push(body.name);
    return { made: body.name };
  }
  @Get('kept/closed') @UseGuards(Refusing) closed() {
    ran.push('closed');
  }
  @Get('as/file') file() {
    return new StreamableFile(Readable.from(['one ', 'two ', 'three']));
  }
  @Sse('as/events') events() {
    return from([1, 2, 3]).pipe(map((n) => ({ data: { n } })));
  }
  @Get('left/out') @SkipAudit() skipped() {
    return 'skipped';
  }
}

interface Held extends StagedLog {
  readonly url: string;
  finished(count: number): Promise<readonly string[]>;
}

async function serve(
  adapter: AdapterFactory,
  options: AuditModuleOptions = { onFailure: 'strict' },
): Promise<Held & AsyncDisposable> {
  const staged = await openStagedLog();
  const module = await Test.createTestingModule({
    imports: [AuditModule.forRoot({ ...options, log: staged.log })],
    controllers: [Orders],
  }).compile();
  const app: INestApplication = module.createNestApplication(adapter(), {
    logger: false,
    forceCloseConnections: true,
  });
  await app.listen(0, '127.0.0.1');
  ran.length = 0;
  return {
    ...staged,
    url: `http://127.0.0.1:${app.getHttpServer().address().port}`,
    async finished(count) {
      await until(async () => (await staged.entries()).length >= count);
      return stagesOf(await staged.entries());
    },
    async [Symbol.asyncDispose]() {
      staged.store.before = () => {};
      await app.close();
      expect((await staged.log.verify()).verdict).toBe('intact');
      await staged.log.close();
    },
  };
}

describe.each(PLATFORMS)('%s: strict mode', (_name, adapter) => {
  test.each([
    ['/orders/7', 200, '{"order":"7"}', 'GET /orders/:id', 'success'],
    ['/orders/kept/closed', 403, expect.stringContaining('Forbidden'), 'GET /orders/kept/closed', 'denied'],
    ['/orders/as/file', 200, 'one two three', 'GET /orders/as/file', 'success'],
    ['/orders/as/events', 200, expect.stringContaining('data: {"n":3}'), 'GET /orders/as/events', 'success'],
    [
      '/nothing/here/at/all',
      404,
      expect.stringContaining('Cannot GET'),
      'GET /nothing/here/at/all',
      'failure',
    ],
    ['/orders/left/out', 200, 'skipped', 'GET /orders/left/out', 'success'],
  ])('%s is answered as ever, in three stages', async (path, status, body, operation, outcome) => {
    await using service = await serve(adapter);
    const answer = await fetch(service.url + path);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toEqual(body);
    expect(await service.finished(3)).toEqual([
      'received unknown null',
      `responding ${outcome} ${status}`,
      `completed ${outcome} ${status}`,
    ]);
    const entries = await service.entries();
    expect(entries[2]?.operation).toBe(operation);
    expect(entries[0]?.actor).toMatchObject({ ip: '127.0.0.1' });
    expect(new Set(entries.map(({ trace }) => trace?.requestId)).size).toBe(1);
  });

  test('a handler whose arrival cannot be recorded does not run', async () => {
    await using service = await serve(adapter);
    service.store.before = () => {
      throw new Error('the disk fails');
    };
    const answer = await fetch(`${service.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"o1"}',
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.text()).toContain('was not handled');
    expect(ran).toEqual([]);
  });

  test('an answer that cannot be recorded is withheld, and the gap names the trace', async () => {
    await using service = await serve(adapter);
    service.store.before = (entries) => {
      if (entries.some(({ data }) => data?.stage === 'responding')) throw new Error('the disk fails');
    };
    const answer = await fetch(`${service.url}/orders/7`, { headers: { 'x-request-id': 'withheld-7' } });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('its answer is withheld');
    expect(ran).toEqual(['7']);
    service.store.before = () => {};
    await until(async () => (await service.entries('log.gap')).length === 1);
    expect((await service.entries('log.gap'))[0]?.data).toMatchObject({
      reports: [{ reason: 'http-withheld', trace: { requestId: 'withheld-7' } }],
    });
  });

  test('bodies are recorded by rule, and what a handler does under the same trace', async () => {
    await using service = await serve(adapter, {
      detail: [{ method: 'POST', route: '/orders', detail: 'request-response' }],
      onFailure: [{ method: 'POST', onFailure: 'strict' }],
    });
    const body = JSON.stringify({ name: 'o1', password: 's3cret-7f3a9c' });
    const headers = { 'content-type': 'application/json' };
    expect(await (await fetch(`${service.url}/orders`, { method: 'POST', headers, body })).json()).toEqual({
      made: 'o1',
    });
    await (await fetch(`${service.url}/orders/7`)).text();
    await service.finished(4);
    const [received, responding, completed, read] = await service.entries();
    expect(received?.data).not.toHaveProperty('requestBody');
    expect(responding?.data).not.toHaveProperty('requestBody');
    expect(completed?.data).toMatchObject({
      requestBody: { bytes: body.length, content: { name: 'o1', password: '[REDACTED]' } },
      responseBody: { content: { made: 'o1' } },
    });
    expect(read?.data).not.toHaveProperty('stage');
    expect(read?.data).not.toHaveProperty('requestBody');
    const [made] = await service.entries('data.create');
    expect(made).toMatchObject({ resource: { type: 'order', id: 'o1' }, trace: received?.trace });
  });
});

test('what contradicts strict mode stops the start', async () => {
  const [, adapter] = PLATFORMS[0]!;
  await expect(serve(adapter, { onFailure: 'strict', skip: () => false })).rejects.toThrow(
    /options\.skip is asked/,
  );
});
