import { createTestLog } from '@audit/core/testing';
import {
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  Scope,
  UnauthorizedException,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { GraphQLError } from 'graphql';
import { of } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { rawClient, request } from '../../http/test/wire.ts';
import { Audit, AuditActor, AuditModule, AuditService, SkipAudit } from '../src/index.ts';
import { DRIVERS, type GraphqlService, openGraphql } from './graphql-drivers.ts';

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
class Broken implements CanActivate {
  canActivate(): boolean {
    throw new TypeError('the session store is down');
  }
}
/** Puts the user where guards of GraphQL put it: on the request. */
@Injectable()
class Login implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { req } = context.getArgByIndex<{ req: { user?: object; headers: Record<string, string> } }>(2);
    req.user = { id: req.headers['x-user'] ?? 'nobody' };
    return true;
  }
}
@Catch()
class Mapping implements ExceptionFilter {
  catch(error: Error) {
    return new GraphQLError(`told: ${error.message}`);
  }
}

const typeDefs = `
  type Line { count: Int! price: Int! bare: Int! }
  type Order { id: ID! lines: [Line!]! }
  type Query {
    order(id: ID!): Order!
    broken: Int
    boom(id: ID!): Int
    forbidden: Int
    code: Int
    mapped: Int
    mappedRefusal: Int
    observed: Int
    slow: Int
    plain: String
    shelf: Int
    scoped: Int
    unseen: Int
  }
  type Mutation {
    cancel(id: ID!, reason: String): Int
    refused(id: ID!): Int
    login(id: ID!): Int
  }
`;

const order = { type: 'order', param: 'id' } as const;
let arrived = () => {};
let release = () => {};

@Resolver('Order')
class Orders {
  readonly audit: AuditService;

  constructor(@Inject(AuditService) audit: AuditService) {
    this.audit = audit;
  }

  @Query()
  @UseGuards(Login)
  @Audit({ type: 'data.read', resource: order })
  async order(@Args('id') id: string) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return { id, lines: [{ count: 2 }, { count: 3 }] };
  }

  @Mutation()
  @Audit<number>({
    type: 'data.update',
    operation: 'cancel order',
    resource: order,
    data: ({ kind, params, result }) => ({ kind, reason: params.reason, refund: result }),
  })
  async cancel(@Args('id') id: string, @Args('reason') _reason?: string) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    await this.audit.record({
      ...{ type: 'data.create', operation: 'refund', resource: { type: 'order', id }, outcome: 'success' },
    });
    return 12;
  }

  @Mutation() @UseGuards(Refusing) @Audit({ resource: order }) refused(@Args('id') _id: string) {}
  @Mutation() @UseGuards(Throwing) @Audit({ resource: order }) login(@Args('id') _id: string) {}
  @Query() @UseGuards(Broken) @Audit() broken() {}
  @Query() @Audit({ resource: order }) boom(@Args('id') id: string) {
    throw new RangeError(`no login with password=hunter2hunter2 for ${id}`);
  }
  @Query() @Audit() forbidden() {
    throw new ForbiddenException('not yours');
  }
  @Query() @Audit() code() {
    throw new GraphQLError('not yours', { extensions: { code: 'FORBIDDEN' } });
  }
  @Query() @UseFilters(Mapping) @Audit() mapped() {
    throw new RangeError('too many');
  }
  @Query() @UseFilters(Mapping) @UseGuards(Refusing) @Audit() mappedRefusal() {}
  @Query() @Audit<number>({ data: ({ result }) => ({ result }) }) observed() {
    return of(1, 2);
  }
  @Query() @Audit() async slow() {
    arrived();
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return 1;
  }
  @Query() plain(@AuditActor() actor: { id: string }) {
    return actor.id;
  }
}

@Resolver('Line')
class Lines {
  @ResolveField()
  @Audit<number>({ type: 'data.read', operation: 'read price', data: ({ result }) => ({ result }) })
  async price(@Parent() line: { count: number }) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (line.count > 2) throw new ForbiddenException('dear');
    return line.count * 10;
  }
  @ResolveField() @Audit({ type: 'data.read', operation: 'bare' }) bare() {
    return 1;
  }
}

@Resolver()
@Audit({ type: 'data.read', resource: { type: 'shelf', id: 'main' } })
class Shelf {
  @Query() shelf() {
    return 1;
  }
  @Query() @SkipAudit() unseen() {
    return 2;
  }
}

/** Made anew for each request. */
@Injectable({ scope: Scope.REQUEST })
@Resolver()
class Scoped {
  @Query() @Audit({ type: 'data.read' }) scoped() {
    return 1;
  }
}

const providers = [Orders, Lines, Shelf, Scoped];
const told = (entries: Awaited<ReturnType<GraphqlService['finished']>>) =>
  entries.map(({ type, operation, outcome }) => `${type} ${operation} ${outcome}`).sort();

describe.each(DRIVERS)('%s: a resolver with @Audit()', (_name, driver) => {
  test('is an entry with arguments, result and operation, under the request’s actor and trace', async () => {
    await using service = await openGraphql(driver, { providers, graphql: { typeDefs } });
    const answer = await service.ask('mutation Stop { gone: cancel(id: "7", reason: "too late") }');
    expect(answer).toEqual({ data: { gone: 12 } });
    const entries = await service.finished(3, '*');
    expect(entries.map(({ type }) => type)).toEqual(['data.create', 'data.update', 'http.request']);
    expect(entries[1]).toMatchObject({
      category: 'data_access',
      operation: 'cancel order',
      resource: { type: 'order', id: '7' },
      outcome: 'success',
      actor: { type: 'anonymous', ip: '127.0.0.1' },
      data: {
        kind: 'graphql',
        reason: 'too late',
        refund: 12,
        handler: 'Orders.cancel',
        graphql: { type: 'mutation', name: 'Stop', field: 'Mutation.cancel', path: 'gone' },
      },
    });
    expect(entries[1]?.data?.durationMs).toBeGreaterThan(0);
    expect(entries[2]).toMatchObject({
      operation: 'POST /graphql',
      outcome: 'success',
      data: { status: 200 },
    });
    for (const { trace, actor } of entries) {
      expect(trace).toEqual(entries[2]?.trace);
      expect(actor).toEqual(entries[2]?.actor);
    }
  });

  test.each([
    ['a guard that refuses', 'mutation { refused(id: "7") }', 'denied', 'ForbiddenException'],
    ['a guard that throws a refusal', 'mutation { login(id: "7") }', 'denied', 'UnauthorizedException'],
    ['a guard that breaks', '{ broken }', 'failure', 'TypeError'],
    ['a resolver that throws', '{ boom(id: "7") }', 'failure', 'RangeError'],
    ['a resolver that refuses', '{ forbidden }', 'denied', 'ForbiddenException'],
    ['an error whose code refuses', '{ code }', 'denied', 'GraphQLError'],
    ['an exception before its filter', '{ mapped }', 'failure', 'RangeError'],
    ['a refusal after its filter', '{ mappedRefusal }', 'denied', 'GraphQLError'],
  ])('%s decides its outcome, though the answer is 200', async (_case, query, outcome, error) => {
    await using service = await openGraphql(driver, { providers, graphql: { typeDefs } });
    const { errors } = await service.ask(query);
    expect(errors).toHaveLength(1);
    const entries = await service.finished(2, '*');
    expect(entries.map(({ type }) => type)).toEqual(['handler.call', 'http.request']);
    expect(entries[0]).toMatchObject({ outcome, error: { name: error } });
    expect(entries[1]).toMatchObject({ outcome: 'success', data: { status: 200 } });
    expect(JSON.stringify(entries)).not.toContain('hunter2');
  });

  test('of an observable the last value is the result', async () => {
    await using service = await openGraphql(driver, { providers, graphql: { typeDefs } });
    expect(await service.ask('{ observed }')).toEqual({ data: { observed: 2 } });
    const [entry] = await service.finished(2, '*');
    expect(entry).toMatchObject({ outcome: 'success', data: { result: 2 } });
  });

  test('several in one request are an entry each, and one request', async () => {
    await using service = await openGraphql(driver, { providers, graphql: { typeDefs } });
    const answer = await service.ask(
      '{ a: order(id: "1") { id } b: order(id: "2") { id } shelf unseen plain }',
    );
    expect(answer.data).toMatchObject({ a: { id: '1' }, b: { id: '2' }, shelf: 1, unseen: 2 });
    const entries = await service.finished(4, '*');
    expect(told(entries)).toEqual([
      'data.read Orders.order success',
      'data.read Orders.order success',
      'data.read Shelf.shelf success',
      'http.request POST /graphql success',
    ]);
    expect(new Set(entries.map(({ trace }) => trace?.requestId)).size).toBe(1);
    const orders = entries.filter(({ operation }) => operation === 'Orders.order');
    expect(
      orders.map(({ resource, data }) => [
        resource.id,
        (data?.graphql as { path?: string } | undefined)?.path,
      ]),
    ).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ]);
  });

  test('a batch of operations is one request, too', async () => {
    await using service = await openGraphql(driver, { providers, graphql: { typeDefs } });
    const answers = await service.batch(['query One { shelf }', 'query Two { shelf }', '{ forbidden }']);
    expect(answers).toHaveLength(3);
    const entries = await service.finished(4, '*');
    expect(told(entries)).toEqual([
      'data.read Shelf.shelf success',
      'data.read Shelf.shelf success',
      'handler.call Orders.forbidden denied',
      'http.request POST /graphql success',
    ]);
    expect(new Set(entries.map(({ trace }) => trace?.requestId)).size).toBe(1);
    const names = entries.map(({ data }) => (data?.graphql as { name?: string } | undefined)?.name);
    expect(names.filter(Boolean).sort()).toEqual(['One', 'Two']);
  });

  test.each([
    ['without enhancers', {}],
    ['with enhancers', { fieldResolverEnhancers: ['guards', 'interceptors', 'filters'] }],
  ])('decorated fields are entries of their own, %s', async (_what, graphql) => {
    await using service = await openGraphql(driver, { providers, graphql: { typeDefs, ...graphql } });
    const { errors } = await service.ask('{ order(id: "1") { lines { price } } }');
    expect(errors).toHaveLength(1);
    const entries = await service.finished(4, '*');
    expect(told(entries)).toEqual([
      'data.read Orders.order success',
      'data.read read price denied',
      'data.read read price success',
      'http.request POST /graphql success',
    ]);
    const priced = entries.find(
      ({ operation, outcome }) => operation === 'read price' && outcome === 'success',
    );
    expect(priced?.data).toMatchObject({
      result: 20,
      graphql: { type: 'query', field: 'Line.price', path: 'order.lines.0.price' },
    });
  });

  test('a field without enhancers and decorated parameters is called by nobody but the driver', async () => {
    await using service = await openGraphql(driver, { providers, graphql: { typeDefs } });
    expect((await service.ask('{ order(id: "1") { lines { bare } } }')).errors).toBeUndefined();
    expect(told(await service.finished(2, '*'))).toEqual([
      'data.read Orders.order success',
      'http.request POST /graphql success',
    ]);
  });

  test('the actor is who a guard put on the request', async () => {
    await using service = await openGraphql(driver, {
      providers,
      graphql: { typeDefs },
      audit: {
        actor: (request) => {
          const { user } = request as { user?: { id: string } };
          return user && { type: 'user', ...user };
        },
      },
    });
    await service.ask('{ order(id: "1") { id } }', { 'x-user': 'u42' });
    const entries = await service.finished(2, '*');
    expect(entries.map(({ actor }) => actor?.id)).toEqual(['u42', 'u42']);
  });

  test('a resolver made for its request is an entry, and one entry where the module is imported twice', async () => {
    const log = await createTestLog();
    const imports = [AuditModule.forRoot({ log, headers: [] })];
    await using service = await openGraphql(driver, { providers, imports, log, graphql: { typeDefs } });
    expect(await service.ask('{ scoped shelf }')).toEqual({ data: { scoped: 1, shelf: 1 } });
    expect(told(await service.finished(3, '*'))).toEqual([
      'data.read Scoped.scoped success',
      'data.read Shelf.shelf success',
      'http.request POST /graphql success',
    ]);
  });

  test('a request refused before any resolver is the request alone', async () => {
    await using service = await openGraphql(driver, { providers, graphql: { typeDefs } });
    await expect(service.ask('{ nowhere }')).rejects.toThrow('400');
    const entries = await service.finished(1, '*');
    expect(told(entries)).toEqual(['http.request POST /graphql failure']);
  });

  test('a client that leaves does not unmake what the resolver did', async () => {
    await using service = await openGraphql(driver, { providers, graphql: { typeDefs } });
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const client = await rawClient(service.port);
    client.send(request('GET /graphql?query=%7Bslow%7D HTTP/1.1', { 'apollo-require-preflight': '1' }));
    await arrival;
    client.socket.destroy();
    while ((await service.entries('http.request')).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    release();
    const entries = await service.finished(2, '*');
    expect(entries.map(({ type, outcome }) => `${type} ${outcome}`)).toEqual([
      'http.request aborted',
      'handler.call success',
    ]);
  });
});
