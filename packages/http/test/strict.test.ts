import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { beginExchange, HttpRecorder, RETRY_AFTER } from '../src/index.ts';
import { openStagedLog, type Stage, type StagedLog, stagesOf, until } from './strict-log.ts';
import { type Listening, listen, rawClient, request } from './wire.ts';

interface Service extends Listening, StagedLog {
  /** Request ids of the handlers that ran. */
  readonly ran: string[];
  /** Answers that left before their stage was durable, and handlers that ran before theirs. */
  readonly early: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Bare node:http in strict mode. Whatever leaves a socket and whatever runs is held against the store. */
async function serve(handler: RequestListener, patience?: number): Promise<Service> {
  const staged = await openStagedLog(patience);
  const { log, store } = staged;
  const recorder = HttpRecorder.of({ log, onFailure: 'strict' });
  const ran: string[] = [];
  const early: string[] = [];
  const listening = await listen((req, res) => {
    const exchange = beginExchange(req, res, recorder);
    exchange.admit(() => {
      const id = String(exchange.audit.trace.requestId);
      ran.push(id);
      if (!store.isDurable(id, 'received')) early.push(`${id} ran`);
      handler(req, res);
    });
  });
  listening.server.on('connection', (socket) => watchAnswers(socket, early, store.isDurable.bind(store)));
  return {
    ...listening,
    ...staged,
    ran,
    early,
    async [Symbol.asyncDispose]() {
      await listening.close();
      store.before = () => {};
      await log.flush();
      expect(early).toEqual([]);
      expect((await log.verify()).verdict).toBe('intact');
      await log.close();
    },
  };
}

/** Looks at the head of every answer that is handed to the network, at that moment. */
function watchAnswers(
  socket: Socket,
  early: string[],
  isDurable: (id: string, stage: Stage) => boolean,
): void {
  const look = (chunk: unknown) => {
    const [head = ''] = String(chunk).split('\r\n\r\n');
    if (!head.startsWith('HTTP/1.1 ') || head.startsWith('HTTP/1.1 503') || head.startsWith('HTTP/1.1 100'))
      return;
    const id = /^x-request-id: (.*)$/im.exec(head)?.[1] ?? '';
    if (!isDurable(id, 'responding')) early.push(`${id} left: ${head.split('\r\n')[0]}`);
  };
  for (const name of ['write', 'end'] as const) {
    const original = socket[name].bind(socket) as (...args: unknown[]) => never;
    socket[name] = ((...args: unknown[]) => {
      look(args[0]);
      return original(...args);
    }) as never;
  }
}

const failAt = (stage: Stage) => (entries: readonly { data?: { stage?: unknown } }[]) => {
  if (entries.some(({ data }) => data?.stage === stage)) throw new Error(`the disk fails at ${stage}`);
};

test('an exchange is three entries of one trace, in order', async () => {
  await using service = await serve((_req, res) => void res.writeHead(201).end('made'));
  const answer = await fetch(`${service.url}/orders?x=1`, { method: 'POST', body: 'text' });
  expect(answer.status).toBe(201);
  expect(await answer.text()).toBe('made');
  await until(async () => (await service.entries()).length === 3);
  const entries = await service.entries();
  expect(stagesOf(entries)).toEqual([
    'received unknown null',
    'responding success 201',
    'completed success 201',
  ]);
  expect(new Set(entries.map(({ trace }) => trace?.requestId)).size).toBe(1);
  expect(new Set(entries.map(({ id }) => id)).size).toBe(3);
  expect(entries[0]).toMatchObject({ operation: 'POST /orders', data: { path: '/orders', query: 'x=1' } });
  expect(entries[0]?.data).not.toHaveProperty('durationMs');
  expect(entries[2]?.data?.responseBytes).toBeGreaterThan(0);
});

test('while the arrival cannot be recorded nothing runs: 503, and the log tells', async () => {
  await using service = await serve((_req, res) => void res.end('never'));
  service.store.before = failAt('received');
  const answer = await fetch(service.url, { headers: { 'x-request-id': 'refused-1' } });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe(String(RETRY_AFTER));
  expect(answer.headers.get('x-request-id')).toBe('refused-1');
  expect(await answer.text()).toContain('was not handled');
  expect(service.ran).toEqual([]);
  service.store.before = () => {};
  await until(async () => (await service.entries('log.gap')).length > 0);
  const [gap] = await service.entries('log.gap');
  expect(gap?.data).toMatchObject({
    reasons: { 'http-refused': 1 },
    reports: [{ reason: 'http-refused', trace: { requestId: 'refused-1' } }],
  });
  expect(stagesOf(await service.entries(), 'refused-1')).toContain('completed failure 503');
  expect((await fetch(service.url)).status).toBe(200);
});

test('while the answer cannot be recorded not a byte of it leaves: 503, and the log says what may have happened', async () => {
  await using service = await serve((_req, res) => {
    res.setHeader('set-cookie', 'session=secret');
    res.writeHead(200, { 'content-type': 'text/html' });
    res.end('the answer');
  });
  service.store.before = failAt('responding');
  const client = await rawClient(service.port);
  client.send(request('GET /pay HTTP/1.1', { 'X-Request-Id': 'withheld-1' }));
  const received = await client.over();
  expect(received).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
  expect(received).toContain('Connection: close');
  expect(received).toContain('x-request-id: withheld-1');
  expect(received).toContain('its answer is withheld');
  expect(received).not.toMatch(/the answer|session=|text\/html|HTTP\/1\.1 200/);
  expect(service.ran).toEqual(['withheld-1']);
  service.store.before = () => {};
  await until(async () => stagesOf(await service.entries(), 'withheld-1').includes('completed failure 503'));
  const [gap] = await service.entries('log.gap');
  expect(gap?.data).toMatchObject({
    reports: [
      {
        reason: 'http-withheld',
        trace: { requestId: 'withheld-1' },
        message: expect.stringContaining('may have happened'),
      },
    ],
  });
});

test('where only the end cannot be recorded the answer has left, and the log tells', async () => {
  await using service = await serve((_req, res) => void res.end('fine'));
  service.store.before = failAt('completed');
  expect(await (await fetch(service.url)).text()).toBe('fine');
  await until(() => service.log.health().lost['http-unfinished'] === 1);
  service.store.before = () => {};
  await until(async () => (await service.entries('log.gap')).length > 0);
  expect((await service.entries('log.gap'))[0]?.data).toMatchObject({ reasons: { 'http-unfinished': 1 } });
});

test('a client that leaves before its arrival is durable is not served, and that is told', async () => {
  await using service = await serve((_req, res) => void res.end('nobody is here'), 10_000);
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  service.store.before = () => gate;
  const client = await rawClient(service.port);
  client.send(request('GET / HTTP/1.1', { 'X-Request-Id': 'left-1' }));
  await until(() => service.log.health().queued.events > 0);
  client.socket.destroy();
  await until(() => service.log.health().queued.events > 1);
  open();
  await until(async () => (await service.entries()).length === 2);
  expect(stagesOf(await service.entries())).toEqual(['received unknown null', 'completed aborted null']);
  expect(service.ran).toEqual([]);
});

test('a client that leaves while its answer is held got nothing: aborted, without a status', async () => {
  await using service = await serve((_req, res) => void res.end('too late'), 10_000);
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  service.store.before = (entries) =>
    entries.some(({ data }) => data?.stage === 'responding') ? gate : undefined;
  const client = await rawClient(service.port);
  client.send(request('GET / HTTP/1.1'));
  await until(() => service.ran.length === 1);
  client.socket.destroy();
  await until(() => service.log.health().queued.events > 1);
  open();
  await until(async () => (await service.entries()).length === 3);
  expect(stagesOf(await service.entries())).toEqual([
    'received unknown null',
    'responding success 200',
    'completed aborted null',
  ]);
});

/** What a handler may find out about a response that is held. */
test('to the application a held response is one that has been sent', async () => {
  const seen: unknown[] = [];
  await using service = await serve((_req, res) => {
    res.setHeader('x-one', '1');
    expect(res.write('first ')).toBe(false);
    seen.push(res.headersSent, res.writableEnded);
    expect(() => res.setHeader('x-two', '2')).toThrow(/after they are sent/);
    expect(() => res.writeHead(500)).toThrow(/after they are sent|already/);
    expect(() => res.write(7 as never)).toThrow(TypeError);
    res.once('drain', () => {
      res.end('last', () => seen.push('called back'));
      seen.push(res.writableEnded);
    });
  });
  const answer = await fetch(service.url);
  expect(answer.headers.get('x-one')).toBe('1');
  expect(await answer.text()).toBe('first last');
  await until(() => seen.length === 4);
  expect(seen).toEqual([true, false, true, 'called back']);
});

test('an end that is held counts as one: what comes after it is refused as node refuses it', async () => {
  const errors: unknown[] = [];
  await using service = await serve((_req, res) => {
    res.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
    res.end('whole');
    expect(res.writableEnded).toBe(true);
    expect(res.headersSent).toBe(true);
    res.write('more', (error) => errors.push((error as NodeJS.ErrnoException).code));
    res.end('again');
  });
  expect(await (await fetch(service.url)).text()).toBe('whole');
  await until(() => errors.length >= 2);
  expect(new Set(errors)).toEqual(new Set(['ERR_STREAM_WRITE_AFTER_END']));
});

const ENDINGS: readonly (readonly [string, (req: IncomingMessage, res: ServerResponse) => void])[] = [
  ['end with a text', (_req, res) => void res.end('grüße')],
  ['end with bytes', (_req, res) => void res.end(Buffer.from('bytes'))],
  ['end with an encoding', (_req, res) => void res.end('6869', 'hex')],
  ['end with nothing', (_req, res) => void res.end()],
  ['a status without a body', (_req, res) => void res.writeHead(204).end()],
  ['not modified', (_req, res) => void res.writeHead(304, { etag: '"a"' }).end()],
  [
    'writes',
    (_req, res) => {
      res.write('a');
      res.write('b');
      res.end('c');
    },
  ],
  ['a header of its own', (_req, res) => void res.writeHead(418, 'Teapot', { 'x-a': 'b' }).end('short')],
  ['a length of its own', (_req, res) => void res.setHeader('Content-Length', 3).end('abc')],
  [
    'a trailer',
    (req, res) => {
      // Only a chunked answer has room for one.
      if (req.method === 'HEAD' || req.httpVersion === '1.0') return void res.end();
      res.setHeader('Trailer', 'x-sum');
      res.write('body');
      res.addTrailers({ 'x-sum': '4' });
      res.end();
    },
  ],
  [
    'headers flushed, then a body',
    (_req, res) => {
      res.flushHeaders();
      setTimeout(() => res.end('later'), 5);
    },
  ],
  ['written later', (_req, res) => void setTimeout(() => res.end('later'), 5)],
  ['a body that is echoed', (req, res) => void req.pipe(res)],
];

test.each(ENDINGS)('%s: byte for byte the answer it is without strict mode', async (_what, handler) => {
  await using service = await serve(handler);
  const plain = await listen(handler);
  const answers: string[] = [];
  for (const port of [service.port, plain.port]) {
    for (const line of ['POST / HTTP/1.1', 'GET / HTTP/1.0', 'HEAD / HTTP/1.1']) {
      const client = await rawClient(port);
      const body = line.startsWith('POST') ? 'sent' : '';
      client.send(request(line, { Connection: 'close', 'Content-Length': String(body.length) }) + body);
      answers.push((await client.over()).replace(/^(?:date|x-request-id): .*\r\n/gim, ''));
    }
  }
  await plain.close();
  expect(answers.slice(0, 3)).toEqual(answers.slice(3));
});

test('pipelined answers wait each for its own stage, and come in order', async () => {
  await using service = await serve((req, res) => {
    setTimeout(() => res.end(`answer ${req.url}`), req.url === '/0' ? 30 : 0);
  });
  const client = await rawClient(service.port);
  const count = 20;
  client.send(Array.from({ length: count }, (_, n) => request(`GET /${n} HTTP/1.1`)).join(''));
  const received = await client.receives(`answer /${count - 1}`);
  expect([...received.matchAll(/answer \/(\d+)/g)].map(([, n]) => Number(n))).toEqual(
    Array.from({ length: count }, (_, n) => n),
  );
  client.socket.destroy();
  await until(async () => (await service.entries()).length === 3 * count);
});

test('a pipelined answer that is withheld does not overtake the one before it', async () => {
  await using service = await serve(
    (req, res) => void (req.url === '/slow' ? setTimeout(() => res.end('slow'), 300) : res.end('quick')),
  );
  service.store.before = (entries) => {
    if (entries.some(({ data }) => data?.stage === 'responding' && data.path === '/quick')) {
      throw new Error('the disk fails');
    }
  };
  const client = await rawClient(service.port);
  client.send(request('GET /slow HTTP/1.1') + request('GET /quick HTTP/1.1'));
  await until(() => service.log.health().lost['http-withheld'] === 1);
  service.store.before = () => {};
  const received = await client.over();
  const statuses = [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  expect(statuses.at(-1)).toBe('503');
  expect(received).not.toContain('quick');
});

test('hints before an answer that waits are not sent', async () => {
  await using service = await serve((_req, res) => {
    res.writeProcessing();
    res.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => res.end('fine'));
  });
  const client = await rawClient(service.port);
  client.send(request('GET / HTTP/1.1', { Connection: 'close' }));
  expect(await client.over()).toMatch(/^HTTP\/1\.1 200 OK/);
});

test('a header that node refuses is the handler’s to hear of, and a better one can follow', async () => {
  await using service = await serve((_req, res) => {
    res.statusCode = 9_999;
    expect(() => res.end('no')).toThrow(RangeError);
    res.statusCode = 500;
    res.end('mended');
  });
  const answer = await fetch(service.url);
  expect(answer.status).toBe(500);
  expect(await answer.text()).toBe('mended');
});

test('without a log everything is refused', async () => {
  const recorder = HttpRecorder.of({ onFailure: 'strict' });
  let ran = false;
  const server = await listen((req, res) =>
    beginExchange(req, res, recorder).admit(() => {
      ran = true;
      res.end();
    }),
  );
  expect((await fetch(server.url)).status).toBe(503);
  expect(ran).toBe(false);
  await server.close();
});

test('what a handler of use() leaves out by choice is not waited for, nor refused', async () => {
  const { log, entries } = await openStagedLog();
  log.use((event, next) => {
    if (event.type !== 'http.request') next(event);
  });
  const recorder = HttpRecorder.of({ log, onFailure: 'strict' });
  const server = await listen((req, res) => beginExchange(req, res, recorder).admit(() => res.end('fine')));
  const answer = await fetch(server.url);
  expect([answer.status, await answer.text()]).toEqual([200, 'fine']);
  await server.close();
  expect(await entries()).toEqual([]);
  expect((await log.verify()).verdict).toBe('intact');
  await log.close();
});

test('an adapter that fails is refused what it cannot record', async () => {
  const { log } = await openStagedLog();
  const recorder = HttpRecorder.of({ log, onFailure: 'strict' });
  const route = () => {
    throw new Error('no router here');
  };
  let ran = false;
  const server = await listen((req, res) =>
    beginExchange(req, res, recorder, { route }).admit(() => {
      ran = true;
      res.end();
    }),
  );
  expect((await fetch(server.url)).status).toBe(503);
  expect(ran).toBe(false);
  await server.close();
  await log.close();
});

test('requests that rules exempt do not wait, and are one entry', async () => {
  const { log, entries } = await openStagedLog();
  const recorder = HttpRecorder.of({
    log,
    onFailure: [{ path: '/health', onFailure: 'best-effort' }, { onFailure: 'strict' }],
    skip: (req) => req.url === '/health?quiet',
  });
  const server = await listen((req, res) => beginExchange(req, res, recorder).admit(() => res.end()));
  for (const path of ['/health', '/health?quiet', '/orders']) await (await fetch(server.url + path)).text();
  await until(async () => (await entries()).length === 4);
  expect((await entries()).map(({ data }) => `${data?.path} ${data?.stage}`).sort()).toEqual([
    '/health undefined',
    '/orders completed',
    '/orders received',
    '/orders responding',
  ]);
  await server.close();
  expect((await log.verify()).verdict).toBe('intact');
  await log.close();
});

test('through a store that fails and hangs at random, no handler runs unrecorded and no answer leaves unrecorded', async () => {
  await using service = await serve((req, res) => {
    const way = Number(req.url?.slice(1)) % 4;
    if (way === 0) res.end('at once');
    else if (way === 1) setTimeout(() => res.writeHead(202).end('later'), 3);
    else if (way === 2) {
      res.write('a');
      res.write('b');
      res.end('c');
    } else req.pipe(res);
  }, 50);
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  service.store.before = async () => {
    const fate = random();
    if (fate < 0.25) throw new Error('the disk fails');
    if (fate < 0.4) await new Promise((resolve) => setTimeout(resolve, 80));
  };
  const statuses: Record<number, number> = {};
  const count = 300;
  await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      await new Promise((resolve) => setTimeout(resolve, n * 5));
      const answer = await fetch(`${service.url}/${n}`, {
        method: 'POST',
        body: 'sent',
        headers: { 'x-request-id': `r${n}` },
      });
      await answer.text();
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    }),
  );
  expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['200', '503']));
  service.store.before = () => {};
  await service.log.flush();
  const entries = await service.entries();
  for (const id of service.ran) expect(stagesOf(entries, id)[0]).toBe('received unknown null');
  const told = (await service.entries('log.gap')).reduce((sum, { data }) => {
    const reasons = data?.reasons as Record<string, number>;
    return sum + (reasons['http-refused'] ?? 0) + (reasons['http-withheld'] ?? 0);
  }, 0);
  expect(told).toBe(statuses[503]);
});
