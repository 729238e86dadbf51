import type { ErrorRequestHandler } from 'express';
import { describe, expect, test } from 'vitest';
import { listen } from '../../http/test/wire.ts';
import auditDefault, { auditErrors, auditExpress } from '../src/index.ts';
import { VERSIONS } from './shop.ts';

describe.each(VERSIONS)('%s: a mistake is answered with the sentence that mends it', (_name, express) => {
  test.each([
    ['auditExpress', auditExpress],
    ['auditErrors', auditErrors],
  ])('app.use(%s) without the call', async (name, factory) => {
    const app = express();
    app.use(factory as never);
    const answer: ErrorRequestHandler = (error, _req, res, _next) => void res.status(500).send(error.message);
    app.use(answer);
    const server = await listen(app);
    const text = await (await fetch(server.url)).text();
    await server.close();
    expect(text).toContain(`write app.use(${name}()), not app.use(${name})`);
  });
});

test('the default export is auditExpress', () => {
  expect(auditDefault).toBe(auditExpress);
});

test.each([
  ['an unknown option', { header: ['host'] }, 'options.header is not an option'],
  ['headers that are no list', { headers: 'host' }, 'options.headers must be an array'],
  ['a header name that is none', { headers: ['a b'] }, 'options.headers must hold header names, not "a b"'],
  ['a log that is not open yet', { log: Promise.resolve() }, 'options.log must be an open audit log'],
  ['an actor that is no function', { actor: { type: 'user', id: '1' } }, 'options.actor must be a function'],
  ['skip that is no function', { skip: true }, 'options.skip must be a function'],
  [
    'a request id header that is none',
    { requestIdHeader: true },
    'options.requestIdHeader must hold header names',
  ],
  ['traceparent that is no boolean', { traceparent: 'yes' }, 'options.traceparent must be true or false'],
])('%s is a TypeError that names the option', (_what, options, message) => {
  expect(() => auditExpress(options as never)).toThrow(TypeError);
  expect(() => auditExpress(options as never)).toThrow(message);
});

test('options of null are a TypeError', () => {
  expect(() => auditExpress(null as never)).toThrow(TypeError);
});
