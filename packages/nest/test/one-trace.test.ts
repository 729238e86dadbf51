// One request that passes Nest, logs through winston and records a domain event shows as one trace.
import type { Entry } from '@audit/core';
import { createTestLog } from '@audit/core/testing';
import { AuditTransport } from '@audit/winston-transport';
import {
  Controller,
  type ExecutionContext,
  Inject,
  Injectable,
  Param,
  Post,
  UseGuards,
} from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import winston from 'winston';
import { Audit, AuditService } from '../src/index.ts';
import { openService, PLATFORMS } from './service.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';

@Injectable()
class Login {
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<{ user?: string; headers: Record<string, string> }>();
    request.user = request.headers['x-user'] ?? 'nobody';
    return true;
  }
}

/** Knows nothing of the request: what it records and logs finds it by itself. */
@Injectable()
class OrderService {
  readonly audit: AuditService;
  readonly logger: winston.Logger;

  constructor(@Inject(AuditService) audit: AuditService, @Inject('LOGGER') logger: winston.Logger) {
    this.audit = audit;
    this.logger = logger;
  }

  async place(id: string) {
    await new Promise((resolve) => setTimeout(resolve, 5)); // the other request comes in between
    this.logger.info('order placed', { order: id });
    await Promise.all([new Promise(setImmediate), new Promise((resolve) => setTimeout(resolve, 2))]);
    await this.audit.record({
      ...{
        type: 'data.create',
        operation: 'reserve stock',
        resource: { type: 'order', id },
        outcome: 'success',
      },
    });
  }
}

@Controller('orders')
class Orders {
  readonly orders: OrderService;

  constructor(@Inject(OrderService) orders: OrderService) {
    this.orders = orders;
  }

  @Post(':id')
  @UseGuards(Login)
  @Audit({ type: 'data.update', resource: { type: 'order', param: 'id' } })
  async place(@Param('id') id: string) {
    await this.orders.place(id);
    return { id };
  }
}

describe.each(PLATFORMS)('%s, winston and a domain event', (_name, adapter) => {
  test('are one trace of one actor for each of two requests at once', async () => {
    const log = await createTestLog();
    const logger = winston.createLogger({ transports: [new AuditTransport({ log, select: 'all' })] });
    await using service = await openService(adapter, {
      log,
      controllers: [Orders],
      providers: [OrderService, { provide: 'LOGGER', useValue: logger }],
      audit: {
        actor: (request) => {
          const { user } = request as { user?: string };
          return user === undefined ? undefined : { type: 'user', id: user };
        },
      },
    });
    const traceIds = { first: TRACE_ID, second: TRACE_ID.replaceAll('4', '5') };
    await Promise.all(
      Object.entries(traceIds).map(async ([requestId, traceId]) => {
        const headers = {
          'x-request-id': requestId,
          'x-user': `user of ${requestId}`,
          traceparent: `00-${traceId}-${SPAN_ID}-01`,
        };
        const response = await fetch(`${service.url}/orders/${requestId}`, { method: 'POST', headers });
        expect(response.status).toBe(201);
      }),
    );
    const entries = await service.finished(8, '*');
    expect(entries).toHaveLength(8);
    for (const [requestId, traceId] of Object.entries(traceIds)) {
      const own = entries.filter(({ trace }) => trace?.requestId === requestId);
      expect(own.map(({ type }) => type)).toEqual([
        'application.log',
        'data.create',
        'data.update',
        'http.request',
      ]);
      expectOneTrace(own, { requestId, traceId, parentId: SPAN_ID });
      for (const { actor } of own) expect(actor).toMatchObject({ type: 'user', id: `user of ${requestId}` });
      expect(new Set(own.map(({ actor }) => JSON.stringify(actor))).size).toBe(1);
    }
    logger.close();
  });
});

function expectOneTrace(entries: readonly Entry[], expected: Entry['trace']): void {
  for (const { trace } of entries) expect(trace).toEqual(expected);
}
