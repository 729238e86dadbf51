import { expect, test } from 'vitest';
import { MAX_HEADER_VALUE, pickHeaders } from '../src/headers.ts';

test('only what is listed is picked', () => {
  const headers = { host: 'shop.example', accept: '*/*', 'x-tenant': 't1' };
  expect(pickHeaders(headers, ['host', 'x-tenant', 'x-missing'])).toEqual({
    host: 'shop.example',
    'x-tenant': 't1',
  });
});

test('nothing picked is nothing, not an empty object', () => {
  expect(pickHeaders({ accept: '*/*' }, ['host'])).toBeUndefined();
});

test.each([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'x-auth-token',
  'x-csrf-token',
])('%s is never recorded with its value, even when it is listed', (name) => {
  expect(pickHeaders({ [name]: 's3cret' }, [name])).toEqual({ [name]: '[REDACTED]' });
});

test('a URL loses userinfo and secret parameters', () => {
  const url = 'https://ada:s3cret@shop.example/a?token=s3cret&page=2';
  const picked = pickHeaders({ referer: url, location: url }, ['referer', 'location']);
  expect(JSON.stringify(picked)).not.toContain('s3cret');
  expect(picked?.referer).toContain('page=2');
});

test('userinfo before the host is no part of it', () => {
  expect(pickHeaders({ host: 'ada:s3cret@shop.example' }, ['host'])).toEqual({ host: 'shop.example' });
});

test('numbers and lists become text, long values are cut', () => {
  const headers = { 'content-length': 7, 'x-list': ['a', 'b'], 'x-long': 'x'.repeat(MAX_HEADER_VALUE + 1) };
  expect(pickHeaders(headers, Object.keys(headers))).toEqual({
    'content-length': '7',
    'x-list': 'a, b',
    'x-long': 'x'.repeat(MAX_HEADER_VALUE),
  });
});
