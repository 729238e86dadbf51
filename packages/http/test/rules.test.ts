import { expect, test } from 'vitest';
import { compileDetail, type DetailFacts } from '../src/detail.ts';
import { compileOnFailure } from '../src/failure-rules.ts';
import { HttpRecorder } from '../src/index.ts';

const facts: DetailFacts = {
  method: 'POST',
  route: '/orders/:id',
  status: 201,
  actor: { type: 'user', id: 'u42' },
};

test('without rules everything is metadata', () => {
  const rules = compileDetail();
  expect(rules.choose(facts)).toBe('metadata');
  expect(rules.most('GET')).toBe('metadata');
});

test.each([
  ['method', { method: 'post' }, true],
  ['another method', { method: ['GET', 'PUT'] }, false],
  ['one of several methods', { method: ['GET', 'POST'] }, true],
  ['route', { route: '/orders/:id' }, true],
  ['the beginning of a route', { route: '/orders/*' }, true],
  ['another route', { route: '/orders' }, false],
  ['status', { status: 201 }, true],
  ['status as text', { status: '201' }, true],
  ['class of status', { status: ['4xx', '2xx'] }, true],
  ['another class', { status: '5XX' }, false],
  ['actor', { actor: 'user:u42' }, true],
  ['type of actor', { actor: 'user:*' }, true],
  ['another actor', { actor: 'service:*' }, false],
  ['all of them', { method: 'POST', route: '/orders/*', status: '2xx', actor: 'user:*' }, true],
  ['all but one of them', { method: 'POST', route: '/orders/*', status: '4xx', actor: 'user:*' }, false],
])('a rule by %s', (_what, conditions, matches) => {
  const rules = compileDetail([{ ...conditions, detail: 'request-response' }]);
  expect(rules.choose(facts)).toBe(matches ? 'request-response' : 'metadata');
});

test('a rule by status holds for no exchange that was not answered', () => {
  const rules = compileDetail([{ status: ['1xx', '2xx', '3xx', '4xx', '5xx'], detail: 'none' }]);
  expect(rules.choose({ ...facts, status: null })).toBe('metadata');
});

test('the first rule that matches decides', () => {
  const rules = compileDetail([
    { route: '/orders/*', detail: 'request' },
    { method: 'POST', detail: 'none' },
    { detail: 'request-response' },
  ]);
  expect(rules.choose(facts)).toBe('request');
  expect(rules.choose({ ...facts, route: '/else' })).toBe('none');
  expect(rules.choose({ ...facts, method: 'GET', route: '/else' })).toBe('request-response');
});

test('the most a request may come to is known when it arrives', () => {
  const rules = compileDetail([
    { method: 'GET', detail: 'none' },
    { status: '5xx', detail: 'request' },
  ]);
  expect(rules.most('GET')).toBe('none');
  expect(rules.most('POST')).toBe('request');
  expect(compileDetail([{ status: 404, detail: 'none' }]).most('GET')).toBe('metadata');
});

test('without rules nothing is held to the log', () => {
  expect(compileOnFailure().choose('POST', '/')).toBe('best-effort');
});

test.each(['/payments/7', '/Payments/7', '//payments//7', '/p%61yments/7', '/payments/7/'])(
  'however a client spells it, %s is held to the log',
  (path) => {
    const rules = compileOnFailure([{ path: '/payments/*', onFailure: 'strict' }]);
    expect(rules.choose('POST', path)).toBe('strict');
  },
);

test('what is exempt is named; everything else is held to the log', () => {
  const rules = compileOnFailure([
    { method: ['GET', 'HEAD'], path: ['/health', '/assets/*'], onFailure: 'best-effort' },
    { onFailure: 'strict' },
  ]);
  expect(rules.choose('GET', '/health')).toBe('best-effort');
  expect(rules.choose('GET', '/assets/a.css')).toBe('best-effort');
  expect(rules.choose('POST', '/health')).toBe('strict');
  expect(rules.choose('GET', '/healthy')).toBe('strict');
  expect(rules.choose('GET', '/%zz')).toBe('strict');
});

test.each([
  [{ detail: 'everything' }, /options\.detail must be one of none, metadata, request, request-response/],
  [{ detail: [{}] }, /options\.detail\[0\]\.detail must be one of/],
  [{ detail: [null] }, /options\.detail\[0\] must be an object/],
  [{ detail: [{ path: '/', detail: 'none' }] }, /options\.detail\[0\]\.path is nothing a rule knows/],
  [{ detail: [{ method: [], detail: 'none' }] }, /options\.detail\[0\]\.method must not be an empty list/],
  [{ detail: [{ status: 700, detail: 'none' }] }, /options\.detail\[0\]\.status must be a status/],
  [{ detail: [{ status: '20x', detail: 'none' }] }, /options\.detail\[0\]\.status must be a status/],
  [{ detail: [{ actor: 7, detail: 'none' }] }, /options\.detail\[0\]\.actor must be a text/],
  [{ maxBody: 0 }, /options\.maxBody must be a number of bytes/],
  [{ maxBody: 1e6 }, /options\.maxBody must be a number of bytes/],
  [{ onFailure: 'later' }, /options\.onFailure must be one of strict, spool, best-effort/],
  [
    { onFailure: [{ route: '/', onFailure: 'strict' }] },
    /options\.onFailure\[0\]\.route is nothing a rule knows/,
  ],
  [{ onFailure: [{ path: '' }] }, /options\.onFailure\[0\]\.onFailure must be/],
  [{ onFailure: 'strict', skip: () => false }, /options\.skip is asked when an exchange is over/],
  [{ onFailure: 'strict', detail: 'none' }, /choose one/],
])('options that make no sense say so: %j', (options, message) => {
  expect(() => HttpRecorder.of(options as never)).toThrow(message);
});
