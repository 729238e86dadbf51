import { createServer } from 'node:net';
import { createTestLog } from '@audit/core/testing';
import { type CanActivate, Controller, Get, UseGuards } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { warnings } from '../../http/test/warnings.ts';
import { AuditModule } from '../src/index.ts';
import { openService } from './service.ts';
import { VERSION } from './version.ts';

class Refusing implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller()
class Hello {
  @Get() hello() {
    return 'hello';
  }
  @MessagePattern('hello') greet() {
    return 'hello';
  }
  @MessagePattern('refused') @UseGuards(Refusing) refused() {}
}

const adapterOf = (adapter: unknown) => adapter as AbstractHttpAdapter;

describe(`${VERSION}: the client’s address`, () => {
  test.each([
    ['without trust', false, '127.0.0.1'],
    ['with a proxy trusted by its address', 'loopback', '10.0.0.9'],
    ['with everything trusted', true, '6.6.6.6'],
  ])('%s', async (_what, trust, ip) => {
    const seen = warnings();
    const express = new ExpressAdapter();
    express.getInstance<{ set(name: string, value: unknown): void }>().set('trust proxy', trust);
    for (const adapter of [express, new FastifyAdapter({ trustProxy: trust })]) {
      await using service = await openService(() => adapterOf(adapter), { controllers: [Hello] });
      await (await fetch(service.url, { headers: { 'X-Forwarded-For': '6.6.6.6, 10.0.0.9' } })).text();
      const [entry] = await service.finished(1);
      expect(entry?.actor?.ip).toBe(ip);
      expect(entry?.data).toMatchObject({ peer: '127.0.0.1', forwardedFor: '6.6.6.6, 10.0.0.9' });
    }
    expect(seen.map(({ code }) => code)).toEqual(trust === true ? ['AUDIT_TRUST_PROXY'] : []);
  });
});

test(`${VERSION}: a request injected into Fastify, which no server sees, is an entry`, async () => {
  const fastify = new FastifyAdapter();
  await using service = await openService(() => adapterOf(fastify), { controllers: [Hello] });
  expect((await fastify.inject({ url: '/' })).statusCode).toBe(200);
  const entries = await service.finished(1);
  expect(entries).toHaveLength(1);
  expect(entries[0]).toMatchObject({ operation: 'GET /', outcome: 'success', data: { status: 200 } });
});

test(`${VERSION}: an application that is a microservice and nothing else`, async () => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));

  const log = await createTestLog();
  const module = await Test.createTestingModule({
    imports: [AuditModule.forRoot({ log })],
    controllers: [Hello],
  }).compile();
  const tcp = { transport: Transport.TCP, options: { host: '127.0.0.1', port } } as const;
  const app = module.createNestMicroservice({ ...tcp, logger: false });
  await app.listen();
  const client = ClientProxyFactory.create(tcp);
  expect(await lastValueFrom(client.send('hello', {}))).toBe('hello');
  await expect(lastValueFrom(client.send('refused', {}))).rejects.toBeDefined();
  client.close();
  await app.close();

  const found: string[] = [];
  for await (const { type, outcome } of log.entries()) found.push(`${type} ${outcome}`);
  expect(found.filter((entry) => !entry.startsWith('log.'))).toEqual([
    'rpc.message success',
    'rpc.message denied',
  ]);
  expect((await log.verify()).verdict).toBe('intact');
  await log.close();
});
