import { once } from 'node:events';
import { type CanActivate, type ExecutionContext, Injectable, UseGuards } from '@nestjs/common';
import { Args, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Audit, AuditActor } from '../src/index.ts';
import { DRIVERS, type GraphqlService, openGraphql } from './graphql-drivers.ts';

@Injectable()
class Refusing implements CanActivate {
  async canActivate(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return false;
  }
}

const typeDefs = `
  type Tick { count: Int! double: Int! }
  type Query { now: Int }
  type Subscription { ticks(to: Int!): Tick! even(to: Int!): Tick! refused: Int failing: Int }
`;

async function* countTo(to: number) {
  for (let count = 1; count <= to; count++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    yield { ticks: { count }, even: { count } };
  }
}

@Resolver('Tick')
class Ticks {
  @Query() @Audit({ type: 'data.read' }) now(@AuditActor() _actor: object) {
    return 1;
  }
  @Subscription()
  @Audit({ type: 'data.read', resource: { type: 'ticks', param: 'to' }, data: ({ kind }) => ({ kind }) })
  ticks(@Args('to') to: number) {
    return countTo(to);
  }
  @Subscription('even', { filter: ({ even }: { even: { count: number } }) => even.count % 2 === 0 })
  @Audit({ type: 'data.read' })
  even(@Args('to') to: number) {
    return countTo(to);
  }
  @Subscription() @UseGuards(Refusing) @Audit() refused() {
    return countTo(1);
  }
  @Subscription() @Audit() failing() {
    throw new RangeError('no more ticks');
  }
  @ResolveField() @Audit({ type: 'data.read', operation: 'double' }) double(
    @Parent() tick: { count: number },
  ) {
    return tick.count * 2;
  }
}

/** Runs one operation over a web socket of its own, as graphql-ws does, and gives what came of it. */
async function overSocket(service: GraphqlService, query: string): Promise<unknown[]> {
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  const payloads: unknown[] = [];
  const finished = new Promise<void>((resolve) => {
    socket.on('message', (text) => {
      const { type, payload } = JSON.parse(String(text)) as { type: string; payload: unknown };
      if (type === 'connection_ack') {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      }
      if (type === 'next' || type === 'error') payloads.push(payload);
      if (type === 'error' || type === 'complete') resolve();
    });
    socket.once('close', () => resolve());
  });
  socket.send(JSON.stringify({ type: 'connection_init', payload: {} }));
  await finished;
  socket.terminate();
  return payloads;
}

describe.each(DRIVERS)('%s: a subscription', (_name, driver) => {
  const open = (audit = {}) => openGraphql(driver, { providers: [Ticks], graphql: { typeDefs }, audit });

  test('is one entry, of the subscribing, whatever it delivers', async () => {
    await using service = await open();
    const delivered = await overSocket(service, 'subscription Watch { ticks(to: 3) { count } }');
    expect(delivered).toHaveLength(3);
    const [entry, ...more] = await service.finished(1, '*');
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      operation: 'Ticks.ticks',
      resource: { type: 'ticks', id: '3' },
      outcome: 'success',
      actor: { type: 'anonymous', ip: '127.0.0.1' },
      data: {
        kind: 'graphql',
        graphql: { type: 'subscription', name: 'Watch', field: 'Subscription.ticks' },
      },
    });
    expect(entry?.trace?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('with a filter is one entry, too', async () => {
    await using service = await open();
    expect(await overSocket(service, 'subscription { even(to: 4) { count } }')).toHaveLength(2);
    const entries = await service.finished(1, '*');
    expect(entries.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'Ticks.even success',
    ]);
  });

  test('that a guard refuses is denied, one that fails a failure', async () => {
    await using service = await open();
    await overSocket(service, 'subscription { refused }');
    await overSocket(service, 'subscription { failing }');
    const entries = await service.finished(2, '*');
    expect(entries.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'Ticks.refused denied',
      'Ticks.failing failure',
    ]);
  });

  test('what resolves the fields of what it delivers has its trace', async () => {
    await using service = await open();
    await overSocket(service, 'subscription { ticks(to: 2) { double } }');
    const entries = await service.finished(3, '*');
    expect(entries.map(({ operation }) => operation)).toEqual(['Ticks.ticks', 'double', 'double']);
    expect(new Set(entries.map(({ trace }) => trace?.requestId)).size).toBe(1);
  });

  test('who has sent an operation over a socket, messageActor says, or actor where the socket is a request', async () => {
    const messageActor = (context: ExecutionContext) => ({
      type: context.getType<string>(),
      id: 'by message',
    });
    await using service = await open({ messageActor, actor: () => ({ type: 'user', id: 'by request' }) });
    expect(await overSocket(service, '{ now }')).toEqual([{ data: { now: 1 } }]);
    const [entry, ...more] = await service.finished(1, '*');
    expect(more).toEqual([]);
    const expected = driver.socketIsRequest
      ? { type: 'user', id: 'by request' }
      : { type: 'graphql', id: 'by message' };
    expect(entry?.actor).toMatchObject(expected);
  });
});
