// The measured application, in each framework: one route with a parameter that answers a little JSON.
import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import { auditExpress } from '@audit/express';
import { AuditModule } from '@audit/nest';
import {
  Controller,
  type DynamicModule,
  Get,
  type INestApplication,
  Module,
  Param,
  RequestMethod,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import { LoggerModule } from 'nestjs-pino';
import { pinoHttp } from 'pino-http';
import type { Recording } from './recording.ts';
import type { Framework } from './variants.ts';

/** What the route answers. */
function user(id: string) {
  return { id, name: 'Ada Lovelace', email: 'ada@shop.example', roles: ['reader', 'editor'] };
}

/** On Fastify the default of nestjs-pino 5, `{/*splat}`, matches no request. */
const EVERYTHING = [{ path: '/*splat', method: RequestMethod.ALL }];

/** Starts listening on any port of the loopback; resolves with the server. */
export async function startApplication(framework: Framework, recording: Recording): Promise<Server> {
  switch (framework) {
    case 'express':
      return startExpress(recording);
    case 'nest-express':
      return startNest(new ExpressAdapter() as unknown as AbstractHttpAdapter, recording);
    case 'nest-fastify':
      return startNest(new FastifyAdapter() as unknown as AbstractHttpAdapter, recording);
  }
}

async function startExpress({ audit, logger }: Recording): Promise<Server> {
  const app = express();
  if (audit !== undefined) app.use(auditExpress(audit));
  if (logger !== undefined) app.use(pinoHttp({ logger }));
  app.get('/users/:id', (req, res) => {
    res.json(user(req.params.id));
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

@Controller('users')
class UsersController {
  @Get(':id')
  find(@Param('id') id: string) {
    return user(id);
  }
}

@Module({ controllers: [UsersController] })
class AppModule {}

async function startNest(adapter: AbstractHttpAdapter, recording: Recording): Promise<Server> {
  const { audit, logger } = recording;
  const module: DynamicModule = {
    module: AppModule,
    imports: [
      ...(audit === undefined ? [] : [AuditModule.forRoot(audit)]),
      ...(logger === undefined
        ? []
        : [LoggerModule.forRoot({ pinoHttp: { logger }, forRoutes: EVERYTHING })]),
    ],
  };
  const app: INestApplication = await NestFactory.create(module, adapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  return app.getHttpServer() as Server;
}
