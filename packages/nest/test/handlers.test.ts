import {
  Body,
  type CanActivate,
  Controller,
  Delete,
  ForbiddenException,
  Get,
  Injectable,
  Param,
  ParseIntPipe,
  Post,
  UseGuards,
} from '@nestjs/common';
import { concat, delay, of, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { rawClient, request } from '../../http/test/wire.ts';
import { Audit, type AuditHandlerOptions, SkipAudit } from '../src/index.ts';
import { openService, PLATFORMS, type Service } from './service.ts';

@Injectable()
class Refusing implements CanActivate {
  async canActivate(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return false;
  }
}

const order = { type: 'order', param: 'id' } as const;

@Controller('orders')
class Orders {
  @Post(':id/cancel')
  @Audit<{ refund: number }>({
    type: 'data.update',
    operation: 'cancel order',
    resource: order,
    data: ({ body, result }) => ({ reason: (body as { reason: string }).reason, refund: result?.refund }),
  })
  async cancel(@Param('id') id: string, @Body() body: { reason: string }) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return { id, refund: 12, secret: body.reason };
  }

  @Delete(':id')
  @UseGuards(Refusing)
  @Audit({ type: 'data.delete', operation: 'delete order', resource: order })
  remove() {}

  @Get('boom/:id')
  @Audit({ resource: order })
  boom() {
    throw new RangeError('the shelf is empty, password=hunter2hunter2');
  }

  @Get('forbidden/:id')
  @Audit({ type: 'data.read', resource: order })
  forbidden() {
    throw new ForbiddenException('not yours');
  }

  @Get('piped/:id')
  @Audit({ type: 'data.read', resource: order })
  piped(@Param('id', ParseIntPipe) id: number) {
    return { id };
  }

  @Get('stream')
  @Audit<string>({ type: 'data.read', data: ({ result }) => ({ result }) })
  stream() {
    return concat(of('one'), of('two').pipe(delay(3)));
  }

  @Get('stream-fails')
  @Audit({ type: 'data.read' })
  streamFails() {
    return concat(
      of('one'),
      throwError(() => new Error('cut off')),
    );
  }

  @Get('clumsy')
  @Audit({
    type: 'data.read',
    data: () => {
      throw new Error('a mistake of ours');
    },
    resource: () => {
      throw new Error('another');
    },
  })
  clumsy() {
    return 'fine';
  }

  @Get('computed/:id')
  @Audit({
    type: 'invoice.approve',
    category: 'configuration',
    level: 'warning',
    operation: ({ params }) => `approve ${params.id}`,
    resource: ({ params, query }) => ({ type: 'invoice', id: `${params.id}/${query.part}` }),
  })
  computed() {
    return 'fine';
  }
}

@Controller('all')
@Audit({ type: 'data.read', resource: { type: 'shelf', id: 'main' } })
class AllAudited {
  @Get('plain') plain() {
    return 'fine';
  }
  @Get('own') @Audit({ operation: 'look closely' }) own() {
    return 'fine';
  }
  @Get('skipped') @SkipAudit() skipped() {
    return 'fine';
  }
}

@Controller('health')
@SkipAudit()
class Skipped {
  @Get() check() {
    return 'fine';
  }
  @Get('back') @SkipAudit(false) back() {
    return 'fine';
  }
  @Get('audited') @Audit({ type: 'data.read' }) audited() {
    return 'fine';
  }
}

const controllers = [Orders, AllAudited, Skipped];
/** Everything but the exchange, which endings.test.ts is about. */
async function domain(service: Service, count = 1) {
  const entries = await service.finished(count + 1, '*');
  return entries.filter(({ type }) => type !== 'http.request');
}

describe.each(PLATFORMS)('%s: a handler with @Audit() makes an event of its own', (_name, adapter) => {
  test('with operation, resource from parameters, data from arguments and result, and the request’s trace', async () => {
    await using service = await openService(adapter, { controllers });
    const response = await fetch(`${service.url}/orders/7/cancel`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"reason":"too late"}',
    });
    expect(await response.json()).toMatchObject({ id: '7', refund: 12 });
    const entries = await service.finished(2, '*');
    expect(entries.map(({ type }) => type)).toEqual(['data.update', 'http.request']);
    expect(entries[0]).toMatchObject({
      category: 'data_access',
      level: 'info',
      operation: 'cancel order',
      resource: { type: 'order', id: '7' },
      outcome: 'success',
      actor: { type: 'anonymous', ip: '127.0.0.1' },
      data: { reason: 'too late', refund: 12, handler: 'Orders.cancel' },
    });
    expect(entries[0]?.trace).toEqual(entries[1]?.trace);
    expect(entries[0]?.data?.durationMs).toBeGreaterThan(0);
  });

  test.each([
    ['a guard that refuses', 'DELETE', '/orders/7', 'denied', undefined],
    ['a handler that throws', 'GET', '/orders/boom/7', 'failure', 'RangeError'],
    ['a handler that refuses', 'GET', '/orders/forbidden/7', 'denied', 'ForbiddenException'],
    ['a pipe that fails', 'GET', '/orders/piped/seven', 'failure', 'BadRequestException'],
    ['an observable that fails', 'GET', '/orders/stream-fails', 'failure', 'Error'],
  ])('%s decides its outcome', async (_case, method, path, outcome, error) => {
    await using service = await openService(adapter, { controllers });
    await (await fetch(service.url + path, { method })).text();
    const [entry, ...more] = await domain(service);
    expect(more).toEqual([]);
    expect(entry?.outcome).toBe(outcome);
    expect(entry?.error?.name).toBe(error);
    expect(JSON.stringify(entry)).not.toContain('hunter2');
  });

  test('of an observable the last value is the result', async () => {
    await using service = await openService(adapter, { controllers });
    await (await fetch(`${service.url}/orders/stream`)).text();
    const [entry] = await domain(service);
    expect(entry).toMatchObject({ outcome: 'success', data: { result: 'two' } });
  });

  test('functions that throw cost what they should have said, not the entry', async () => {
    await using service = await openService(adapter, { controllers });
    expect((await fetch(`${service.url}/orders/clumsy`)).status).toBe(200);
    const [entry] = await domain(service);
    expect(entry).toMatchObject({
      outcome: 'success',
      resource: { type: 'handler', id: 'Orders.clumsy' },
      data: { handler: 'Orders.clumsy' },
    });
  });

  test('operation and resource may be functions; type, category and level are as said', async () => {
    await using service = await openService(adapter, { controllers });
    await (await fetch(`${service.url}/orders/computed/7?part=a`)).text();
    const [entry] = await domain(service);
    expect(entry).toMatchObject({
      type: 'invoice.approve',
      category: 'configuration',
      level: 'warning',
      operation: 'approve 7',
      resource: { type: 'invoice', id: '7/a' },
    });
  });

  test('what a controller says holds for its handlers, which may say otherwise', async () => {
    await using service = await openService(adapter, { controllers });
    for (const path of ['plain', 'own', 'skipped']) await (await fetch(`${service.url}/all/${path}`)).text();
    const entries = await service.finished(4, '*');
    expect(entries.map(({ type, operation }) => `${type} ${operation}`).sort()).toEqual([
      'data.read AllAudited.plain',
      'data.read look closely',
      'http.request GET /all/own',
      'http.request GET /all/plain',
    ]);
  });

  test('@SkipAudit() leaves out the exchange, too; the nearer decorator wins', async () => {
    await using service = await openService(adapter, { controllers });
    for (const path of ['', '/back', '/audited']) await (await fetch(`${service.url}/health${path}`)).text();
    const entries = await service.finished(3, '*');
    expect(entries.map(({ operation }) => operation).sort()).toEqual([
      'GET /health/audited',
      'GET /health/back',
      'Skipped.audited',
    ]);
  });

  test('a client that leaves does not unmake what the handler did', async () => {
    let release = () => {};
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    @Controller()
    class Slow {
      @Get('slow')
      @Audit({ type: 'data.read' })
      async slow() {
        arrived();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return 'done';
      }
    }
    await using service = await openService(adapter, { controllers: [Slow] });
    const client = await rawClient(service.port);
    client.send(request('GET /slow HTTP/1.1'));
    await arrival;
    client.socket.destroy();
    while ((await service.entries('http.request')).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    release();
    const entries = await service.finished(2, '*');
    expect(entries.map(({ type, outcome }) => `${type} ${outcome}`)).toEqual([
      'http.request aborted',
      'data.read success',
    ]);
  });

  test('a guard that refuses after its client has left leaves an abort', async () => {
    let release = () => {};
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    class Slow implements CanActivate {
      async canActivate() {
        arrived();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return false;
      }
    }
    @Controller()
    class Guarded {
      @Get('slow') @UseGuards(Slow) @Audit({ type: 'data.read' }) slow() {}
    }
    await using service = await openService(adapter, { controllers: [Guarded] });
    const client = await rawClient(service.port);
    client.send(request('GET /slow HTTP/1.1'));
    await arrival;
    client.socket.destroy();
    while ((await service.entries('http.request')).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    release();
    await service.finished(1);
    const entries = await service.entries();
    expect(entries.map(({ type, outcome }) => `${type} ${outcome}`)).toEqual([
      'http.request aborted',
      'data.read aborted',
    ]);
  });

  test('a handler that still runs when the application shuts down is unknown', async () => {
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    @Controller()
    class Stuck {
      @Get('stuck') @Audit({ type: 'data.read' }) stuck() {
        arrived();
        return new Promise(() => {});
      }
    }
    await using service = await openService(adapter, { controllers: [Stuck] });
    const client = await rawClient(service.port);
    client.send(request('GET /stuck HTTP/1.1'));
    await arrival;
    client.socket.destroy();
    const entries = await service.finished(1);
    expect(entries).toHaveLength(1);
    const all = await service.entries('data.read');
    expect(all.map(({ outcome }) => outcome)).toEqual(['unknown']);
  });
});

test.each<[string, object, string]>([
  ['an unknown option', { resorce: 'x' }, 'has no option "resorce"'],
  ['a type that is none', { type: 'Order Cancel' }, 'dotted lower-case name'],
  ['a type of the log itself', { type: 'log.create' }, 'only the log writes them'],
  ['a category that is none', { category: 'orders' }, 'needs a category of'],
  ['a level that is none', { level: 'loud' }, 'needs a level of'],
  ['a resource without a type', { resource: { id: '7' } }, 'as resource'],
  ['data that is no function', { data: {} }, 'as data'],
  ['an onFailure that is none', { onFailure: 'spool' }, 'one of strict, best-effort as onFailure'],
])('@Audit() with %s says so where it is written', (_what, options, message) => {
  expect(() => Audit(options as AuditHandlerOptions)).toThrow(TypeError);
  expect(() => Audit(options as AuditHandlerOptions)).toThrow(message);
});
