import { getAuditContext } from '@audit/core';
import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  type NestInterceptor,
  Scope,
  Sse,
  UnauthorizedException,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { catchError, concat, map, of, throwError } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Audit, AuditGuard, AuditInterceptor, SkipAudit } from '../src/index.ts';
import { openService, PLATFORMS } from './service.ts';

class Doubling implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((value) => ({ wrapped: value })));
  }
}
class Translating implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(catchError((error) => throwError(() => new SyntaxError(`not ${error.name}`))));
  }
}
class Saving implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(catchError(() => of('saved')));
  }
}
class Refusing implements CanActivate {
  canActivate(): boolean {
    throw new UnauthorizedException('not today');
  }
}

@Controller()
class Shop {
  @Get('plain') plain() {
    return { id: getAuditContext()?.trace?.requestId };
  }
  @Get('audited') @Audit() audited() {
    return 'fine';
  }
  @Get('skipped') @SkipAudit() skipped() {
    return 'fine';
  }
  @Get('wrapped') @UseInterceptors(Doubling) wrapped() {
    return 'fine';
  }
  @Get('sync') sync() {
    throw new RangeError('sync');
  }
  @Get('rejected') async rejected() {
    await new Promise((resolve) => setTimeout(resolve, 1));
    throw new RangeError('rejected');
  }
  @Get('observable') observable() {
    return concat(
      of(1),
      throwError(() => new RangeError('observable')),
    );
  }
  @Get('translated') @UseInterceptors(Translating) translated() {
    throw new RangeError('translated');
  }
  @Get('saved') @UseInterceptors(Saving) saved() {
    throw new RangeError('saved');
  }
  @Get('refused') @UseGuards(Refusing) refused() {}
  @Sse('events') events() {
    return concat(
      of({ data: 'one' }),
      throwError(() => new RangeError('events')),
    );
  }
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class Scoped {
  @Get('fine') fine() {
    return { id: getAuditContext()?.trace?.requestId };
  }
  @Get('boom') boom() {
    throw new RangeError('scoped');
  }
}

afterEach(() => vi.restoreAllMocks());

describe.each(PLATFORMS)('%s: a route without @Audit()', (_name, adapter) => {
  test('is called past our guard and interceptor, and one with it through both', async () => {
    const guard = vi.spyOn(AuditGuard.prototype, 'canActivate');
    const interceptor = vi.spyOn(AuditInterceptor.prototype, 'intercept');
    await using service = await openService(adapter, { controllers: [Shop] });
    const response = await fetch(`${service.url}/plain`);
    expect(await response.json()).toEqual({ id: response.headers.get('x-request-id') });
    expect([guard, interceptor].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    await (await fetch(`${service.url}/audited`)).text();
    expect([guard, interceptor].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    const entries = await service.finished(2);
    expect(entries.map(({ operation }) => operation)).toEqual(['GET /plain', 'GET /audited']);
    expect(await service.entries('handler.call')).toHaveLength(1);
  });

  test.each([
    ['throws', '/sync', 500, 'RangeError'],
    ['rejects', '/rejected', 500, 'RangeError'],
    ['returns an observable that fails', '/observable', 500, 'RangeError'],
    ['sends events until one fails', '/events', 200, 'RangeError'],
    ['has its error translated by an interceptor', '/translated', 500, 'SyntaxError'],
    ['has its error answered by an interceptor', '/saved', 200, undefined],
    ['is refused by a guard', '/refused', 401, undefined],
    ['has what it returns wrapped', '/wrapped', 200, undefined],
    ['is of a controller for each request', '/scoped/fine', 200, undefined],
    ['throws in a controller for each request', '/scoped/boom', 500, 'RangeError'],
  ])('that %s is one entry with its route', async (_what, path, status, error) => {
    await using service = await openService(adapter, { controllers: [Shop, Scoped] });
    const response = await fetch(service.url + path);
    const body = await response.text();
    expect(response.status).toBe(status);
    if (path === '/wrapped') expect(JSON.parse(body)).toEqual({ wrapped: 'fine' });
    const [entry, ...others] = await service.finished(1, '*');
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ operation: `GET ${path}`, data: { route: path, status } });
    expect(entry?.error?.name).toBe(error);
  });

  test('is skipped where it says so, whether or not the application has guards and interceptors for all', async () => {
    @Injectable()
    class Letting implements CanActivate {
      canActivate = () => true;
    }
    for (const providers of [
      [],
      [
        { provide: APP_GUARD, useClass: Letting },
        { provide: APP_INTERCEPTOR, useClass: Doubling },
      ],
    ]) {
      await using service = await openService(adapter, { controllers: [Shop], providers });
      await (await fetch(`${service.url}/skipped`)).text();
      await (await fetch(`${service.url}/sync`)).text();
      const entries = await service.finished(1);
      expect(entries.map(({ operation, error }) => [operation, error?.name])).toEqual([
        ['GET /sync', 'RangeError'],
      ]);
    }
  });
});
