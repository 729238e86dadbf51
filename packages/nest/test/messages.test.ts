import { createServer } from 'node:net';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Inject,
  Injectable,
  Scope,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import {
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  Payload,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { concat, delay, lastValueFrom, of, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { Audit, AuditActor, AuditService, SkipAudit } from '../src/index.ts';
import { openService, type Service, type ServiceOptions } from './service.ts';
import { VERSION } from './version.ts';

@Injectable()
class Refusing implements CanActivate {
  async canActivate(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return false;
  }
}

class Throwing implements CanActivate {
  canActivate(): boolean {
    throw new UnauthorizedException('who are you');
  }
}

const ORDER = { type: 'data.read', operation: 'read order', resource: { type: 'order', id: '7' } } as const;

@Controller()
class Orders {
  readonly audit: AuditService;

  constructor(@Inject(AuditService) audit: AuditService) {
    this.audit = audit;
  }

  @MessagePattern('fine') async fine(@Payload() data: unknown, @AuditActor() actor: object) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    await this.audit.record({ ...ORDER, outcome: 'success' });
    return { data, actor };
  }
  @MessagePattern({ cmd: 'boom' }) boom() {
    throw new RpcException('no login with password=hunter2hunter2');
  }
  @MessagePattern('refused') @UseGuards(Refusing) @Audit({ type: 'data.delete' }) refused(
    @Payload() _data: unknown,
  ) {}
  @MessagePattern('stream') stream() {
    return concat(of(1), of(2).pipe(delay(2)), of(3));
  }
  @MessagePattern('cancel')
  @Audit<{ refund: number }>({
    type: 'data.update',
    operation: 'cancel order',
    resource: { type: 'order', param: 'id' },
    data: ({ result }) => ({ refund: result?.refund }),
  })
  cancel() {
    return { refund: 12 };
  }
  @MessagePattern('skipped') @SkipAudit() skipped() {
    return 'fine';
  }
  @EventPattern('happened') happened(@Payload() _data: unknown) {}
  @EventPattern('kept away') @UseGuards(Refusing) keptAway(@Payload() _data: unknown) {}
  @MessagePattern('login') @UseGuards(Throwing) login() {}
}

/** Another handler of the same event, and one that is made anew for each message. */
@Controller({ scope: Scope.REQUEST })
class Others {
  @EventPattern('happened') @Audit({ type: 'data.read' }) alsoHappened(@Payload() _data: unknown) {}
  @MessagePattern('scoped') scoped() {
    return 'fine';
  }
  @MessagePattern('scoped refused') @UseGuards(Refusing) refused() {}
}

const express = () => new ExpressAdapter() as unknown as AbstractHttpAdapter;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A hybrid application with a TCP microservice, and a client of it. */
async function withTcp(
  use: (
    send: (pattern: unknown, data?: unknown) => Promise<unknown[]>,
    emit: (pattern: string) => Promise<unknown>,
  ) => Promise<void>,
  then: (service: Service) => Promise<void>,
  audit: ServiceOptions['audit'] = {},
): Promise<void> {
  const port = await freePort();
  const options: MicroserviceOptions = { transport: Transport.TCP, options: { host: '127.0.0.1', port } };
  await using service = await openService(express, {
    controllers: [Orders, Others],
    audit,
    async main(app) {
      app.connectMicroservice(options, { inheritAppConfig: true });
      await app.startAllMicroservices();
    },
  });
  const client = ClientProxyFactory.create({
    transport: Transport.TCP,
    options: { host: '127.0.0.1', port },
  });
  try {
    await use(
      (pattern, data = {}) => lastValueFrom(client.send(pattern, data).pipe(toArray())),
      (pattern) => lastValueFrom(client.emit(pattern, {}), { defaultValue: undefined }),
    );
  } finally {
    client.close();
  }
  await then(service);
}

describe(`${VERSION}: a microservice over TCP`, () => {
  test('each message is an entry, and what its handler records has the same trace', async () => {
    await withTcp(
      async (send) => {
        const [answer] = await send('fine', { id: '7' });
        expect(answer).toMatchObject({ data: { id: '7' }, actor: { type: 'anonymous', ip: '127.0.0.1' } });
      },
      async (service) => {
        const entries = await service.finished(2, '*');
        expect(entries.map(({ type }) => type)).toEqual(['data.read', 'rpc.message']);
        expect(entries[1]).toMatchObject({
          category: 'communication',
          level: 'info',
          operation: 'fine',
          resource: { type: 'pattern', id: 'fine' },
          outcome: 'success',
          actor: { type: 'anonymous', id: 'anonymous', ip: '127.0.0.1' },
          data: { pattern: 'fine', kind: 'message', transport: 'tcp', handler: 'Orders.fine' },
        });
        expect(entries[1]?.trace?.requestId).toMatch(/^[0-9a-f-]{36}$/);
        expect(entries[0]?.trace).toEqual(entries[1]?.trace);
        expect(entries[0]?.actor).toEqual(entries[1]?.actor);
      },
    );
  });

  test('a handler that throws is a failure, without what was secret in its message', async () => {
    await withTcp(
      async (send) => {
        await expect(send({ cmd: 'boom' })).rejects.toBeDefined();
      },
      async (service) => {
        const [entry, ...more] = await service.finished(1, '*');
        expect(more).toEqual([]);
        expect(entry).toMatchObject({
          type: 'rpc.message',
          operation: '{"cmd":"boom"}',
          outcome: 'failure',
          error: { message: expect.stringContaining('no login with') },
        });
        expect(JSON.stringify(entry)).not.toContain('hunter2');
      },
    );
  });

  test('a guard that refuses is a denial of message and handler', async () => {
    await withTcp(
      async (send) => {
        await expect(send('refused')).rejects.toBeDefined();
      },
      async (service) => {
        const entries = await service.finished(2, '*');
        expect(entries.map(({ type, outcome }) => `${type} ${outcome}`).sort()).toEqual([
          'data.delete denied',
          'rpc.message denied',
        ]);
        for (const { error, trace, actor } of entries) {
          expect(error?.message).toBe('Forbidden resource');
          expect(trace).toEqual(entries[0]?.trace);
          expect(actor).toMatchObject({ type: 'anonymous', ip: '127.0.0.1' });
        }
      },
    );
  });

  test('so is one that throws, of a handler made for its message, and of an event', async () => {
    await withTcp(
      async (send, emit) => {
        await expect(send('login')).rejects.toBeDefined();
        await expect(send('scoped refused')).rejects.toBeDefined();
        expect(await send('scoped')).toEqual(['fine']);
        await emit('kept away');
      },
      async (service) => {
        const entries = await service.finished(4, '*');
        expect(entries.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
          'login denied',
          'scoped refused denied',
          'scoped success',
          'kept away denied',
        ]);
      },
    );
  });

  test('an event with two handlers is an entry for each', async () => {
    await withTcp(
      async (_send, emit) => {
        await emit('happened');
      },
      async (service) => {
        const entries = await service.finished(3, '*');
        expect(
          entries.map(({ type, operation, data }) => `${type} ${operation} ${data?.handler}`).sort(),
        ).toEqual([
          'data.read Others.alsoHappened Others.alsoHappened',
          'rpc.message happened Orders.happened',
          'rpc.message happened Others.alsoHappened',
        ]);
      },
    );
  });

  test('a stream of answers is one entry', async () => {
    await withTcp(
      async (send) => {
        expect(await send('stream')).toEqual([1, 2, 3]);
      },
      async (service) => {
        const entries = await service.finished(1, '*');
        expect(entries.map(({ type, outcome }) => `${type} ${outcome}`)).toEqual(['rpc.message success']);
      },
    );
  });

  test('@Audit() reads the payload, @SkipAudit() leaves a message out, an event is told as one', async () => {
    await withTcp(
      async (send, emit) => {
        await send('skipped');
        await emit('happened');
        await send('cancel', { id: '9' });
      },
      async (service) => {
        const entries = await service.finished(5, '*');
        expect(entries).toHaveLength(5);
        const find = (operation: string) => entries.find((entry) => entry.operation === operation);
        expect(find('cancel order')).toMatchObject({
          type: 'data.update',
          resource: { type: 'order', id: '9' },
          data: { refund: 12 },
        });
        expect(find('cancel order')?.trace).toEqual(find('cancel')?.trace);
        expect(find('happened')).toMatchObject({ type: 'rpc.message', data: { kind: 'event' } });
      },
    );
  });

  test('messageActor says who sent it, for the handler, its events and the entry', async () => {
    const messageActor = (context: ExecutionContext) => {
      const { user } = context.switchToRpc().getData<{ user?: string }>();
      return user === undefined ? undefined : { type: 'user', id: user };
    };
    await withTcp(
      async (send) => {
        const [answer] = await send('fine', { user: 'u42' });
        expect(answer).toMatchObject({ actor: { type: 'user', id: 'u42' } });
      },
      async (service) => {
        const entries = await service.finished(2, '*');
        expect(entries.map(({ actor }) => actor)).toEqual([
          { type: 'user', id: 'u42' },
          { type: 'user', id: 'u42' },
        ]);
      },
      { messageActor },
    );
  });
});
