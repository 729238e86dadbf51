import { expect, test } from 'vitest';
import { readTarget } from '../src/target.ts';

test.each([
  ['/', '/', undefined],
  ['/a/b?c=d', '/a/b', 'c=d'],
  ['/a?', '/a', undefined],
  ['/a?b?c', '/a', 'b?c'],
  ['', '/', undefined],
  ['*', '*', undefined],
  ['http://shop.example/a?b=1', '/a', 'b=1'],
  ['HTTPS://shop.example', '/', undefined],
  ['//shop.example/a', '//shop.example/a', undefined],
  ['/users/@ada?mail=ada@example.org', '/users/@ada', 'mail=ada@example.org'],
  ['/%zz?x=%', '/%zz', 'x=%'],
])('%s is path and query', (target, path, query) => {
  expect(readTarget(target)).toEqual({ path, query });
});

test.each([
  'http://admin:s3cret@shop.example/a?b=1',
  'http://admin:s3c@s3cret@shop.example/a?b=1',
  'http://s3cret@shop.example/a?b=1',
  'ftp://s3cret@/a?b=1',
  '//admin:s3cret@shop.example/a?b=1',
  'admin:s3cret@shop.example:443',
  '/a?b=1#access_token=s3cret',
  '/a#/b?token=s3cret',
  '/a?password=s3cret',
  '/a?b=1&PassWord=s3cret&c=2',
  '/a?user[password]=s3cret',
  '/a?user%5Bpassword%5D=s3cret',
  '/a?pass%77ord=s3cret',
  '/a?token=one-of-two&token=s3cret',
  '/a?token[]=one-of-two&token[]=s3cret',
  '/a?next=https%3A%2F%2Fpay.example%2F%3Ftoken%3Ds3cret',
  '/a;jsessionid=s3cret/b',
])('the secret of %s is not in path and query', (target) => {
  expect(JSON.stringify(readTarget(target))).not.toContain('s3cret');
});

test('what stands beside a secret stays', () => {
  expect(readTarget('/a?b=1&token=s3cret&c=2').query).toMatch(/^b=1&token=[^&]*&c=2$/);
});
