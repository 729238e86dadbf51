import { expect, test } from 'vitest';
import { MAX_HEADER_VALUE, pickHeaders, recordedHeader } from '../src/headers.ts';

/** What is recorded of `headers` where those `names` are listed. */
function pick(
  headers: Readonly<Record<string, number | string | readonly string[]>>,
  names: readonly string[],
) {
  return pickHeaders(names.map(recordedHeader), (name) => headers[name]);
}

test('only what is listed is picked', () => {
  const headers = { host: 'shop.example', accept: '*/*', 'x-tenant': 't1' };
  expect(pick(headers, ['host', 'x-tenant', 'x-missing'])).toEqual({
    host: 'shop.example',
    'x-tenant': 't1',
  });
});

test('nothing picked is nothing, not an empty object', () => {
  expect(pick({ accept: '*/*' }, ['host'])).toBeUndefined();
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
  expect(pick({ [name]: 's3cret' }, [name])).toEqual({ [name]: '[REDACTED]' });
});

test('a URL loses userinfo and secret parameters', () => {
  const url = 'https://ada:s3cret@shop.example/a?token=s3cret&page=2';
  const picked = pick({ referer: url, location: url }, ['referer', 'location']);
  expect(JSON.stringify(picked)).not.toContain('s3cret');
  expect(picked?.referer).toContain('page=2');
});

test('userinfo before the host is no part of it', () => {
  expect(pick({ host: 'ada:s3cret@shop.example' }, ['host'])).toEqual({ host: 'shop.example' });
});

test('numbers and lists become text, long values are cut', () => {
  const headers = { 'content-length': 7, 'x-list': ['a', 'b'], 'x-long': 'x'.repeat(MAX_HEADER_VALUE + 1) };
  expect(pick(headers, Object.keys(headers))).toEqual({
    'content-length': '7',
    'x-list': 'a, b',
    'x-long': 'x'.repeat(MAX_HEADER_VALUE),
  });
});
