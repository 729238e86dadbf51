import { createServer } from 'node:net';
import {
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  NotFoundException,
  Param,
  Post,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { concat, of } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { checkLog, deferred, FaultyStore, openLog, until } from '../../core/test/log/harness.ts';
import { rawClient, request } from '../../http/test/wire.ts';
import { Audit, type AuditHandlerOptions } from '../src/index.ts';
import { DRIVERS, openGraphql } from './graphql-drivers.ts';
import { openService, PLATFORMS } from './service.ts';
import { VERSION } from './version.ts';

const MAY_HAVE = 'The operation may have been carried out, but it could not be recorded in the audit log.';
const strict: AuditHandlerOptions = { type: 'data.update', onFailure: 'strict' };

const refusing = { canActivate: () => false };

/** What has run: whether or not it could be recorded. */
const ran: string[] = [];

@Controller()
class Orders {
  @Post('cancel/:id') @Audit(strict) cancel(@Param('id') id: string) {
    ran.push(id);
    return { refund: 12 };
  }
  @Get('stream') @Audit(strict) stream() {
    return concat(of('one'), of('two'));
  }
  @Get('missing') @Audit(strict) missing() {
    throw new NotFoundException('no such order');
  }
  @Get('refused') @UseGuards(refusing) @Audit(strict) refused() {}
  @Get('eager') @Audit({ type: 'data.update', onFailure: 'best-effort' }) eager() {
    return 'fine';
  }
  @Get('nowhere') @Audit({ ...strict, log: 'nowhere' }) nowhere() {
    return 'fine';
  }
  @MessagePattern('cancel') @Audit(strict) cancelled() {
    return { refund: 12 };
  }
  @MessagePattern('refused') @UseGuards(refusing) @Audit(strict) refusedMessage() {}
  @MessagePattern('count') @Audit(strict) count() {
    return concat(of(1), of(2), of(3));
  }
}

/** What the filters of the gateway have been given: NestJS 11 tells a client of `ws` nothing of it. */
const caught: unknown[] = [];
@Catch()
class Catching implements ExceptionFilter {
  catch(exception: unknown) {
    caught.push(exception);
  }
}

@WebSocketGateway()
@UseFilters(Catching)
class Gateway {
  @SubscribeMessage('cancel') @Audit(strict) cancel() {
    return { event: 'cancelled', data: 12 };
  }
}

/**
 * A log over a store whose appends can be made to wait, or to fail.
 *
 * @param queueTimeout how long `record()` waits for a store that fails, in milliseconds
 */
async function openFaulty(queueTimeout = 5_000) {
  const store = new FaultyStore();
  const log = await openLog({ store, queueTimeout });
  return { store, log };
}

/** Closes the log and gives its events, checked by definition. */
async function written({ store, log }: Awaited<ReturnType<typeof openFaulty>>) {
  await log.close();
  return checkLog(store);
}

const fail = () => {
  throw new Error('the disk is gone');
};

describe.each(PLATFORMS)('%s: a handler that is strict', (_name, adapter) => {
  const open = (log: Awaited<ReturnType<typeof openLog>>) =>
    openService(adapter, { controllers: [Orders], log });

  test.each([
    ['POST', '/cancel/7', 201, '{"refund":12}'],
    ['GET', '/stream', 200, 'two'],
    ['GET', '/missing', 404, 'no such order'],
  ])('%s %s is answered once its event is durable', async (method, path, status, text) => {
    const faulty = await openFaulty();
    {
      await using service = await open(faulty.log);
      const gate = deferred();
      const { appends } = faulty.store;
      faulty.store.beforeAppend = () => gate.promise;
      const client = await rawClient(service.port);
      let received = '';
      client.socket.on('data', (chunk) => {
        received += chunk;
      });
      client.send(request(`${method} ${path} HTTP/1.1`, { 'Content-Length': '0', Connection: 'close' }));
      await until(() => faulty.store.appends > appends);
      // The event is on its way to the disk; a turn of the loop more, and an answer would have left.
      await new Promise((resolve) => setImmediate(resolve));
      expect(received).toBe('');
      gate.resolve();
      const answer = await client.over();
      expect(answer).toContain(`HTTP/1.1 ${status}`);
      expect(answer).toContain(text);
    }
    const updates = (await written(faulty)).filter(({ type }) => type === 'data.update');
    expect(updates).toHaveLength(1);
  });

  test.each([
    ['POST', '/cancel/8'],
    ['GET', '/stream'],
    ['GET', '/missing'],
  ])(
    '%s %s is answered by 503 where it cannot be recorded, and the log tells of it',
    async (method, path) => {
      const faulty = await openFaulty(100);
      {
        await using service = await open(faulty.log);
        faulty.store.beforeAppend = fail;
        const response = await fetch(service.url + path, { method });
        expect(response.status).toBe(503);
        expect(await response.json()).toMatchObject({ message: MAY_HAVE });
        if (method === 'POST') expect(ran).toContain('8');
        faulty.store.beforeAppend = () => {};
        await faulty.log.flush();
        const gaps = [];
        for await (const { data } of faulty.log.entries({ type: 'log.gap' })) gaps.push(data);
        expect(gaps.at(-1)?.reports).toMatchObject([
          {
            reason: 'result-withheld',
            message: MAY_HAVE,
            trace: { requestId: response.headers.get('x-request-id') },
            data: { code: 'COMMIT_UNCERTAIN' },
          },
        ]);
      }
      await written(faulty);
    },
  );

  test('a log that is closed, or of a name that nobody has, is no log to record in', async () => {
    const faulty = await openFaulty(100);
    await using service = await open(faulty.log);
    expect((await fetch(`${service.url}/nowhere`)).status).toBe(503);
    await faulty.log.close();
    expect((await fetch(`${service.url}/stream`)).status).toBe(503);
    expect((await fetch(`${service.url}/eager`)).status).toBe(200);
  });

  test('a refusal of a guard is answered as ever: nothing was done', async () => {
    const faulty = await openFaulty(100);
    await using service = await open(faulty.log);
    faulty.store.beforeAppend = fail;
    expect((await fetch(`${service.url}/refused`)).status).toBe(403);
    faulty.store.beforeAppend = () => {};
  });
});

describe.each(DRIVERS)('%s: a resolver that is strict', (_name, driver) => {
  @Resolver('Order')
  class Resolvers {
    @Query() order() {
      return {};
    }
    @Query() @Audit(strict) cancelled(@Args('id') _id: string) {
      return 12;
    }
    @Query() @UseGuards(refusing) @Audit(strict) refused() {}
    @ResolveField() @Audit(strict) price(@Parent() _order: object) {
      return 7;
    }
  }
  const typeDefs =
    'type Order { price: Int } type Query { order: Order cancelled(id: ID): Int refused: Int }';

  test('answers with an error where it cannot be recorded', async () => {
    const faulty = await openFaulty(100);
    {
      await using service = await openGraphql(driver, {
        providers: [Resolvers],
        graphql: { typeDefs },
        log: faulty.log,
      });
      const query = '{ cancelled(id: "7") order { price } }';
      expect(await service.ask(query)).toEqual({ data: { cancelled: 12, order: { price: 7 } } });
      faulty.store.beforeAppend = fail;
      const { data, errors } = await service.ask(query);
      expect(data).toEqual({ cancelled: null, order: { price: null } });
      expect(errors?.map(({ message }) => message)).toEqual([MAY_HAVE, MAY_HAVE]);
      expect((await service.ask('{ refused }')).errors).toMatchObject([{ message: 'Forbidden resource' }]);
      faulty.store.beforeAppend = () => {};
    }
    const updates = (await written(faulty)).filter(({ type }) => type === 'data.update');
    expect(updates.length).toBeGreaterThanOrEqual(2);
  });
});

describe(`${VERSION}: a message that is strict`, () => {
  test('over TCP is answered once its event is durable, with the last value held back', async () => {
    const faulty = await openFaulty();
    {
      const probe = createServer();
      await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
      const { port } = probe.address() as { port: number };
      await new Promise((resolve) => probe.close(resolve));
      const tcp = { transport: Transport.TCP, options: { host: '127.0.0.1', port } } as const;
      await using _service = await openService(() => new ExpressAdapter() as unknown as AbstractHttpAdapter, {
        controllers: [Orders],
        log: faulty.log,
        async main(app) {
          app.connectMicroservice<MicroserviceOptions>(tcp, { inheritAppConfig: true });
          await app.startAllMicroservices();
        },
      });
      const client = ClientProxyFactory.create(tcp);
      const send = (pattern: string) => {
        const values: unknown[] = [];
        const done = new Promise((resolve) => {
          client.send(pattern, {}).subscribe({
            next: (value) => values.push(value),
            error: resolve,
            complete: () => resolve(undefined),
          });
        });
        return { values, done };
      };

      const gate = deferred();
      const { appends } = faulty.store;
      faulty.store.beforeAppend = () => gate.promise;
      const counted = send('count');
      await until(() => faulty.store.appends > appends && counted.values.length === 2);
      expect(counted.values).toEqual([1, 2]);
      gate.resolve();
      expect(await counted.done).toBeUndefined();
      expect(counted.values).toEqual([1, 2, 3]);

      faulty.store.beforeAppend = fail;
      const failed = send('cancel');
      expect(await failed.done).toMatchObject({ message: MAY_HAVE });
      expect(failed.values).toEqual([]);
      expect(await send('refused').done).toMatchObject({ message: 'Forbidden resource' });
      faulty.store.beforeAppend = () => {};
      client.close();
    }
    await written(faulty);
  });

  test('over a web socket is an exception of gateways where it cannot be recorded', async () => {
    const faulty = await openFaulty();
    {
      await using service = await openService(() => new ExpressAdapter() as unknown as AbstractHttpAdapter, {
        providers: [Gateway],
        log: faulty.log,
        main: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
      });
      const client = new WebSocket(service.url.replace('http', 'ws'));
      await new Promise((resolve) => client.once('open', resolve));
      const answers: unknown[] = [];
      client.on('message', (text) => answers.push(JSON.parse(String(text))));
      const { appends } = faulty.store;
      const gate = deferred();
      faulty.store.beforeAppend = () => gate.promise;
      client.send(JSON.stringify({ event: 'cancel', data: {} }));
      await until(() => faulty.store.appends > appends);
      await new Promise((resolve) => setImmediate(resolve));
      expect(answers).toEqual([]);
      gate.resolve();
      await until(() => answers.length === 1);
      expect(answers).toEqual([{ event: 'cancelled', data: 12 }]);

      faulty.store.beforeAppend = fail;
      client.send(JSON.stringify({ event: 'cancel', data: {} }));
      await until(() => caught.length === 1);
      expect(caught[0]).toBeInstanceOf(WsException);
      expect((caught[0] as WsException).getError()).toBe(MAY_HAVE);
      expect((caught[0] as WsException).cause).toMatchObject({ code: 'COMMIT_UNCERTAIN' });
      expect(answers).toHaveLength(1);
      faulty.store.beforeAppend = () => {};
      client.terminate();
    }
    await written(faulty);
  });
});
