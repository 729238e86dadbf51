import { Readable } from 'node:stream';
import { type AuditEvent, getAuditContext } from '@audit/core';
import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  type MessageEvent,
  Param,
  Post,
  Req,
  Sse,
  StreamableFile,
  UseGuards,
} from '@nestjs/common';
import { concatMap, delay, of, tap, timer } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { rawClient, request } from '../../http/test/wire.ts';
import { AuditActor, AuditService, type RequestAudit } from '../src/index.ts';
import { openService, PLATFORMS } from './service.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const traced = { traceparent: `00-${TRACE}-${SPAN}-01`, 'user-agent': 'till' };
const event = (operation: string): AuditEvent => ({
  type: 'data.read',
  operation,
  resource: { type: 'order', id: '7' },
  outcome: 'success',
});

@Injectable()
class Login implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    const request = context.switchToHttp().getRequest<{ user?: object }>();
    request.user = { id: 42, name: 'Ada' };
    return true;
  }
}

@Controller()
class Orders {
  readonly audit: AuditService;

  constructor(@Inject(AuditService) audit: AuditService) {
    this.audit = audit;
  }

  @Post('orders')
  @UseGuards(Login)
  async create(@Body() _body: unknown, @Req() request: { audit: RequestAudit }, @AuditActor() actor: object) {
    await this.audit.record(event('by the service'));
    await new Promise((resolve) => setTimeout(resolve, 2));
    this.audit.emit(event('by the service, later'));
    await request.audit.record(event('by the request'));
    await this.audit.log.record(event('by the log'));
    return actor;
  }

  @Get('rx')
  rx() {
    return timer(2).pipe(
      tap(() => this.audit.emit(event('by an observable'))),
      concatMap(() => of('fine').pipe(delay(2))),
      tap(() => this.audit.emit(event('by an observable, later'))),
    );
  }

  @Get('file')
  file() {
    const emit = () => this.audit.emit(event('by a stream'));
    return new StreamableFile(
      Readable.from(
        (async function* () {
          await new Promise((resolve) => setTimeout(resolve, 2));
          emit();
          yield Buffer.from('fine');
        })(),
      ),
    );
  }

  @Sse('sse')
  sse() {
    return timer(2).pipe(
      tap(() => this.audit.emit(event('by an event stream'))),
      concatMap(() => of<MessageEvent>({ data: 'fine' })),
    );
  }

  @Get('set')
  set(@Req() request: { audit: RequestAudit }) {
    request.audit.actor = { type: 'user', id: 'set' };
    return { now: getAuditContext()?.actor?.id };
  }
}

describe.each(PLATFORMS)(
  '%s: what is recorded while a request is handled belongs to it',
  (_name, adapter) => {
    test('service, request and log record under one trace, with the actor that a guard found', async () => {
      await using service = await openService(adapter, {
        controllers: [Orders],
        audit: {
          actor: (request) => {
            const { user } = request as { user?: { id: number; name: string } };
            return user && { type: 'user', id: String(user.id), name: user.name };
          },
        },
      });
      const body = JSON.stringify({ note: 'x'.repeat(80_000) });
      const headers = { ...traced, 'content-type': 'application/json' };
      const response = await fetch(`${service.url}/orders`, { method: 'POST', headers, body });
      expect(await response.json()).toMatchObject({ type: 'user', id: '42' });
      const entries = await service.finished(5, '*');
      expect(entries.map(({ operation }) => operation)).toEqual([
        'by the service',
        'by the service, later',
        'by the request',
        'by the log',
        'POST /orders',
      ]);
      for (const entry of entries) {
        expect(entry.trace).toEqual({
          requestId: response.headers.get('x-request-id'),
          traceId: TRACE,
          parentId: SPAN,
        });
        expect(entry.actor).toEqual({
          type: 'user',
          id: '42',
          name: 'Ada',
          ip: '127.0.0.1',
          userAgent: 'till',
        });
      }
    });

    test.each([
      ['an observable', '/rx', ['by an observable', 'by an observable, later']],
      ['a streamed file', '/file', ['by a stream']],
      ['server-sent events', '/sse', ['by an event stream']],
    ])('%s keeps it', async (_what, path, operations) => {
      await using service = await openService(adapter, { controllers: [Orders] });
      const response = await fetch(service.url + path, { headers: traced });
      expect(await response.text()).toContain('fine');
      const entries = await service.finished(operations.length + 1, '*');
      expect(entries.map(({ operation }) => operation)).toEqual([...operations, `GET ${path}`]);
      for (const { trace } of entries) {
        expect(trace).toEqual({
          requestId: response.headers.get('x-request-id'),
          traceId: TRACE,
          parentId: SPAN,
        });
      }
    });

    test('request.audit.actor wins', async () => {
      await using service = await openService(adapter, {
        controllers: [Orders],
        audit: { actor: () => ({ type: 'user', id: 'asked' }) },
      });
      expect(await (await fetch(`${service.url}/set`)).json()).toEqual({ now: 'set' });
      const [entry] = await service.finished(1);
      expect(entry?.actor?.id).toBe('set');
    });

    test('skip is asked with the request that Nest gives', async () => {
      await using service = await openService(adapter, {
        controllers: [Orders],
        audit: { skip: (request) => (request as { url?: string }).url === '/rx' },
      });
      await (await fetch(`${service.url}/rx`)).text();
      await (await fetch(`${service.url}/set`)).text();
      const entries = await service.finished(1);
      expect(entries.map(({ operation }) => operation)).toEqual(['GET /set']);
    });

    test('a global prefix, its root and what is excluded from it, are all followed', async () => {
      @Controller()
      class Probe {
        @Get('probe') probe() {
          return { id: getAuditContext()?.trace?.requestId };
        }
        @Get() root() {
          return { id: getAuditContext()?.trace?.requestId };
        }
      }
      await using service = await openService(adapter, {
        controllers: [Probe],
        main: (app) => app.setGlobalPrefix('v1', { exclude: ['probe'] }),
      });
      for (const path of ['/v1', '/probe']) {
        const response = await fetch(service.url + path);
        expect(await response.json()).toEqual({ id: response.headers.get('x-request-id') });
      }
      const entries = await service.finished(2);
      expect(entries.map(({ operation }) => operation)).toEqual(['GET /v1', 'GET /probe']);
    });

    test('requests at the same time do not share their context, and 300 of which a tenth hang up are 300', async () => {
      const arrivals = new Map<string, () => void>();
      @Controller()
      class Busy {
        @Get('stay') async stay() {
          await new Promise((resolve) => setTimeout(resolve, 10));
          return { id: getAuditContext()?.trace?.requestId };
        }
        @Get('hang/:n') hang(@Param('n') n: string) {
          arrivals.get(n)?.();
          return new Promise(() => {});
        }
      }
      await using service = await openService(adapter, { controllers: [Busy] });
      await Promise.all(
        Array.from({ length: 300 }, async (_, n) => {
          if (n % 10 === 0) {
            const arrival = new Promise<void>((resolve) => arrivals.set(String(n), resolve));
            const client = await rawClient(service.port);
            client.send(request(`GET /hang/${n} HTTP/1.1`));
            await arrival;
            client.socket.destroy();
            return;
          }
          const response = await fetch(`${service.url}/stay`);
          expect(await response.json()).toEqual({ id: response.headers.get('x-request-id') });
        }),
      );
      const entries = await service.finished(300);
      expect(entries).toHaveLength(300);
      expect(new Set(entries.map(({ trace }) => trace?.requestId)).size).toBe(300);
      expect(entries.filter(({ outcome }) => outcome === 'aborted')).toHaveLength(30);
    });
  },
);
