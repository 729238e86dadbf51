// The effects of what the policy says about HTTP, in a service of Express and one of NestJS.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuditLog, Entry } from '@audit/core';
import { auditExpress } from '@audit/express';
import { AuditModule } from '@audit/nest';
import type { HttpPolicy, Policy } from '@audit/policy';
import { Body, Controller, Header, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import { withLog } from '../../../../packages/policy/test/effects/logs.ts';
import type { Effect, Effects } from '../../../../packages/policy/test/support/effect.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** A service that listens, and its way out. */
interface Service {
  readonly server: Server;
  close(): Promise<void>;
}

type Serve = (log: AuditLog, options: HttpPolicy) => Promise<Service>;

const serveExpress: Serve = async (log, options) => {
  const app = express();
  app.use(auditExpress({ log, ...options }));
  app.use(express.json());
  app.post('/echo', (req, res) => {
    res.set('x-answer', 'yes').json(req.body);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { server, close: () => new Promise((resolve) => server.close(() => resolve())) };
};

@Controller()
class Echo {
  @Post('echo')
  @Header('x-answer', 'yes')
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

const serveNest: Serve = async (log, options) => {
  @Module({ imports: [AuditModule.forRoot({ log, ...options })], controllers: [Echo] })
  class Service {}
  const app = await NestFactory.create(Service, { logger: false });
  await app.listen(0, '127.0.0.1');
  return { server: app.getHttpServer() as Server, close: () => app.close() };
};

/** The entries of one request with a body, headers and a trace of its own. */
function exchange(serve: Serve, choose: (policy: Policy) => HttpPolicy) {
  return (policy: Policy): Promise<readonly Entry[]> =>
    withLog(policy, async (log) => {
      const from = log.info().size;
      const { server, close } = await serve(log, choose(policy));
      const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/echo`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-shop': 'berlin',
          'x-correlation-id': 'given-one',
          traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01`,
        },
        body: JSON.stringify({ city: 'Ulm', street: 'Münsterplatz' }),
      });
      await answer.text();
      await close();
      await log.flush();
      const entries: Entry[] = [];
      for await (const entry of log.entries({ from, type: 'http.request' })) entries.push(entry);
      return entries;
    });
}

type Exchange = (policy: Policy) => Promise<readonly Entry[]>;

/** What is in the one entry of an exchange. */
const data = async (ask: Exchange, policy: Policy) => (await ask(policy)).at(-1)?.data ?? {};
const bodies = async (ask: Exchange, policy: Policy) => {
  const found = await data(ask, policy);
  return ['requestBody', 'responseBody'].filter((name) => name in found);
};

const effectsOf = (prefix: string, ask: Exchange): Effects => {
  const effects: Readonly<Record<string, Effect>> = {
    level: {
      value: 'comprehensive',
      observe: (policy) => bodies(ask, policy),
      expected: ['requestBody', 'responseBody'],
    },
    detail: {
      value: '[{method: GET, detail: none}, {status: 2xx, detail: request}]',
      observe: (policy) => bodies(ask, policy),
      expected: ['requestBody'],
    },
    headers: {
      value: '[X-Shop]',
      observe: async (policy) => (await data(ask, policy)).requestHeaders,
      expected: { 'x-shop': 'berlin' },
    },
    responseHeaders: {
      value: '[x-answer]',
      observe: async (policy) => (await data(ask, policy)).responseHeaders,
      expected: { 'x-answer': 'yes' },
    },
    requestIdHeader: {
      value: 'x-correlation-id',
      observe: async (policy) => (await ask(policy))[0]?.trace?.requestId,
      expected: 'given-one',
    },
    traceparent: {
      value: 'false',
      observe: async (policy) => (await ask(policy))[0]?.trace?.traceId === TRACE_ID,
      expected: false,
    },
    maxBody: {
      value: '4B',
      beside: { [`${prefix}.detail`]: 'request' },
      observe: async (policy) => ((await data(ask, policy)).requestBody as { truncated?: true }).truncated,
      expected: true,
    },
    onFailure: {
      value: '[{path: /health, onFailure: best-effort}, {onFailure: strict}]',
      observe: async (policy) => (await ask(policy)).map((entry) => entry.data?.stage),
      expected: ['received', 'responding', 'completed'],
    },
  };
  return Object.fromEntries(Object.entries(effects).map(([name, effect]) => [`${prefix}.${name}`, effect]));
};

/** What is said of HTTP holds for each adapter that says nothing else. */
export const sharedEffects = effectsOf(
  'integrations.http',
  exchange(serveExpress, ({ express: options }) => options),
);
export const expressEffects = effectsOf(
  'integrations.express',
  exchange(serveExpress, ({ express: options }) => options),
);
export const nestEffects = effectsOf(
  'integrations.nest',
  exchange(serveNest, ({ nest }) => nest),
);

export const levelEffects: Effects = {
  'levels.*.http': {
    value: '[{detail: request}]',
    beside: { level: 'one', 'levels.one.least': 'debug' },
    observe: (policy) =>
      bodies(
        exchange(serveNest, ({ http }) => http),
        policy,
      ),
    expected: ['requestBody'],
  },
};
