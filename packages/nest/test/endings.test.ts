import { request as rawRequest } from 'node:http';
import {
  Body,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  ForbiddenException,
  Get,
  HttpException,
  Param,
  ParseIntPipe,
  Post,
  Res,
  UnauthorizedException,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { openService, PLATFORMS } from './service.ts';

class Refusing implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}
class Throwing implements CanActivate {
  async canActivate(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    throw new UnauthorizedException('who are you');
  }
}
@Catch(RangeError)
class Mapping implements ExceptionFilter {
  catch(error: RangeError, host: Parameters<ExceptionFilter['catch']>[1]) {
    const response = host.switchToHttp().getResponse();
    const body = { told: error.message };
    if (typeof response.status === 'function' && response.json) response.status(422).json(body);
    else response.code(422).send(body);
  }
}

let arrived = () => {};

@Controller('orders')
class Orders {
  @Get('fine') fine() {
    return 'fine';
  }
  @Get('never') never() {
    arrived();
    return new Promise(() => {});
  }
  @Get('refused') @UseGuards(Refusing) refused() {}
  @Get('login') @UseGuards(Throwing) login() {}
  @Get('forbidden') forbidden() {
    throw new ForbiddenException('not yours');
  }
  @Get('boom') boom() {
    throw Object.assign(new TypeError('the shelf is empty'), { code: 'E_SHELF' });
  }
  @Get('teapot') teapot() {
    throw new HttpException('short and stout', 418);
  }
  @Get('mapped') @UseFilters(Mapping) mapped() {
    throw new RangeError('too many');
  }
  @Get('cut') cut(@Res() response: { raw?: { destroy(): void }; destroy(): void }) {
    (response.raw ?? response).destroy();
  }
  @Post() create(@Body() body: unknown) {
    return body;
  }
  @Get(':id') one(@Param('id', ParseIntPipe) id: number) {
    return { id };
  }
}

describe.each(PLATFORMS)('%s: whatever ends an exchange, it is one entry', (_name, adapter) => {
  test.each([
    ['an answer', '/orders/fine', 200, 'success', '/orders/fine', undefined],
    ['a parameter', '/orders/7', 200, 'success', '/orders/:id', undefined],
    ['a pipe that fails', '/orders/x', 400, 'failure', '/orders/:id', 'BadRequestException'],
    ['a guard that refuses', '/orders/refused', 403, 'denied', '/orders/refused', undefined],
    ['a guard that throws', '/orders/login', 401, 'denied', '/orders/login', undefined],
    ['a handler that refuses', '/orders/forbidden', 403, 'denied', '/orders/forbidden', 'ForbiddenException'],
    ['a handler that throws', '/orders/boom', 500, 'failure', '/orders/boom', 'TypeError'],
    ['an exception with a status', '/orders/teapot', 418, 'failure', '/orders/teapot', 'HttpException'],
    ['a filter that answers', '/orders/mapped', 422, 'failure', '/orders/mapped', 'RangeError'],
    ['no such route', '/nowhere', 404, 'failure', undefined, undefined],
  ])('%s', async (_case, path, status, outcome, route, error) => {
    await using service = await openService(adapter, { controllers: [Orders] });
    const response = await fetch(service.url + path);
    await response.text();
    expect(response.status).toBe(status);
    const entries = await service.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      type: 'http.request',
      operation: `GET ${route ?? path}`,
      outcome,
      actor: { type: 'anonymous', id: 'anonymous', ip: '127.0.0.1' },
      trace: { requestId: response.headers.get('x-request-id') },
      data: { method: 'GET', path, status },
    });
    expect(entries[0]?.data?.route).toBe(route);
    expect(entries[0]?.error?.name).toBe(error);
  });

  test('a body that is no JSON is a failure of its own, though no middleware of Nest sees it', async () => {
    await using service = await openService(adapter, { controllers: [Orders] });
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":' };
    expect((await fetch(`${service.url}/orders`, sent)).status).toBe(400);
    const entries = await service.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ outcome: 'failure', data: { status: 400, path: '/orders' } });
  });

  test('a preflight request that CORS answers is an entry', async () => {
    await using service = await openService(adapter, {
      controllers: [Orders],
      main: (app) => app.enableCors(),
    });
    const headers = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    expect((await fetch(`${service.url}/orders`, { method: 'OPTIONS', headers })).status).toBe(204);
    const entries = await service.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ outcome: 'success', data: { method: 'OPTIONS', status: 204 } });
  });

  test('a target that cannot be decoded is an entry', async () => {
    await using service = await openService(adapter, { controllers: [Orders] });
    const { status } = await fetch(`${service.url}/orders/%zz`);
    const entries = await service.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ outcome: 'failure', data: { status, path: '/orders/%zz' } });
  });

  test('a client that leaves before the answer is an abort without a status', async () => {
    await using service = await openService(adapter, { controllers: [Orders] });
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const client = rawRequest(`${service.url}/orders/never`);
    client.on('error', () => {});
    client.end();
    await arrival;
    client.destroy();
    const entries = await service.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      operation: 'GET /orders/never',
      outcome: 'aborted',
      data: { status: null },
    });
  });

  test('an upload cut short is an abort', async () => {
    await using service = await openService(adapter, { controllers: [Orders] });
    const client = rawRequest(`${service.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 1000 },
    });
    client.on('error', () => {});
    await new Promise((resolve) => client.write('{"begun":', resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.destroy();
    const entries = await service.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ outcome: 'aborted', data: { path: '/orders' } });
  });

  test('a response the server destroys is a failure', async () => {
    await using service = await openService(adapter, { controllers: [Orders] });
    await expect(fetch(`${service.url}/orders/cut`)).rejects.toThrow();
    const entries = await service.finished(1);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ outcome: 'failure', data: { status: null } });
  });
});
