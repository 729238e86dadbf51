import { once } from 'node:events';
import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { from, interval } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Audit, AuditActor, AuditGuard, AuditInterceptor, AuditService, SkipAudit } from '../src/index.ts';
import { type AdapterFactory, openService, PLATFORMS, type Service } from './service.ts';

@Injectable()
class Refusing implements CanActivate {
  async canActivate(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return false;
  }
}

const READ = { type: 'data.read', operation: 'read order', resource: { type: 'order', id: '7' } } as const;

@WebSocketGateway()
class Orders {
  readonly audit: AuditService;

  constructor(@Inject(AuditService) audit: AuditService) {
    this.audit = audit;
  }

  @SubscribeMessage('fine')
  @Audit<{ data: string }>({
    type: 'data.update',
    resource: { type: 'order', param: 'id' },
    data: ({ result }) => ({ said: result?.data }),
  })
  async fine(@MessageBody() body: { id: string }, @AuditActor() actor: object) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    await this.audit.record({ ...READ, outcome: 'success' });
    return { event: 'fine', data: `got ${body.id}`, actor };
  }
  @SubscribeMessage('boom') boom() {
    throw new WsException('no login with password=hunter2hunter2');
  }
  @SubscribeMessage('refused') @UseGuards(Refusing) @Audit({ type: 'data.delete' }) refused() {}
  @SubscribeMessage('stream') stream() {
    return from([1, 2, 3].map((data) => ({ event: 'stream', data })));
  }
  @SubscribeMessage('forever') forever() {
    return interval(1_000_000);
  }
  @SubscribeMessage('quiet') @UseGuards(AuditGuard) @UseInterceptors(AuditInterceptor) quiet() {}
  @SubscribeMessage('skipped') @SkipAudit() skipped() {
    return { event: 'skipped' };
  }
}

async function withClient(
  adapter: AdapterFactory,
  use: (talk: (event: string, data?: object) => Promise<unknown>, client: WebSocket) => Promise<void>,
  then: (service: Service) => Promise<void>,
  audit: { readonly messageActor?: (context: ExecutionContext) => { type: string; id: string } } = {},
): Promise<void> {
  await using service = await openService(adapter, {
    providers: [Orders],
    audit,
    main: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
  });
  const client = new WebSocket(service.url.replace('http', 'ws'));
  await once(client, 'open');
  const talk = async (event: string, data: object = {}) => {
    client.send(JSON.stringify({ event, data }));
    const [answer] = await once(client, 'message');
    return JSON.parse(String(answer)) as unknown;
  };
  await use(talk, client);
  await then(service);
  client.terminate();
}

describe.each(PLATFORMS)('%s: a gateway', (_name, adapter) => {
  test('each message is an entry; its handler’s events have its actor and trace', async () => {
    await withClient(
      adapter,
      async (talk) => {
        expect(await talk('fine', { id: '7' })).toMatchObject({
          data: 'got 7',
          actor: { type: 'anonymous', ip: '127.0.0.1' },
        });
      },
      async (service) => {
        const entries = await service.finished(3, '*');
        expect(entries.map(({ type }) => type)).toEqual(['data.read', 'data.update', 'ws.message']);
        expect(entries[1]).toMatchObject({ resource: { type: 'order', id: '7' }, data: { said: 'got 7' } });
        expect(entries[2]).toMatchObject({
          category: 'communication',
          operation: 'fine',
          resource: { type: 'message', id: 'fine' },
          outcome: 'success',
          actor: { type: 'anonymous', id: 'anonymous', ip: '127.0.0.1' },
          data: { message: 'fine', handler: 'Orders.fine' },
        });
        expect(entries[0]?.trace?.requestId).toMatch(/^[0-9a-f-]{36}$/);
        expect(entries[0]?.trace).toEqual(entries[2]?.trace);
        expect(entries[1]?.trace).toEqual(entries[2]?.trace);
        expect(entries[0]?.actor).toEqual(entries[2]?.actor);
      },
    );
  });

  test('a handler that throws is a failure, a guard that refuses a denial', async () => {
    await withClient(
      adapter,
      // NestJS 11 tells a client of `ws` nothing of an exception, so no answer is waited for.
      async (_talk, client) => {
        for (const event of ['boom', 'refused']) client.send(JSON.stringify({ event, data: {} }));
      },
      async (service) => {
        const entries = await service.finished(3, '*');
        const told = entries.map(({ type, operation, outcome }) => `${type} ${operation} ${outcome}`);
        expect(told.sort()).toEqual([
          'data.delete Orders.refused denied',
          'ws.message boom failure',
          'ws.message refused denied',
        ]);
        const boom = entries.find(({ operation }) => operation === 'boom');
        expect(boom?.error?.message).toContain('no login with');
        expect(JSON.stringify(entries)).not.toContain('hunter2');
      },
    );
  });

  test('streams and handlers that answer nothing, or have the guard of their own, are one entry each, skipped ones none', async () => {
    await withClient(
      adapter,
      async (talk, client) => {
        await talk('skipped');
        client.send(JSON.stringify({ event: 'quiet' }));
        await talk('stream');
      },
      async (service) => {
        const entries = await service.finished(2, '*');
        expect(entries.map(({ operation, outcome }) => `${operation} ${outcome}`).sort()).toEqual([
          'quiet success',
          'stream success',
        ]);
      },
    );
  });

  test('a client that leaves before the handler had anything to say is an abort', async () => {
    await withClient(
      adapter,
      async (talk, client) => {
        client.send(JSON.stringify({ event: 'forever' }));
        await talk('skipped');
        client.terminate();
      },
      async (service) => {
        const entries = await service.finished(1, '*');
        expect(entries.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
          'forever aborted',
        ]);
      },
    );
  });

  test('messageActor says who sent it', async () => {
    await withClient(
      adapter,
      async (talk) => {
        expect(await talk('fine', { id: '7' })).toMatchObject({ actor: { type: 'user', id: 'u42' } });
      },
      async (service) => {
        const entries = await service.finished(3, '*');
        for (const { actor } of entries) expect(actor).toEqual({ type: 'user', id: 'u42' });
      },
      { messageActor: () => ({ type: 'user', id: 'u42' }) },
    );
  });
});
