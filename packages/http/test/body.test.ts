import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type BodyHeaders, describeBody } from '../src/body.ts';
import { BodyTap } from '../src/body-tap.ts';

const JSON_TYPE: BodyHeaders = { type: 'application/json; charset=utf-8', encoding: undefined };

function body(content: string | Uint8Array, headers: BodyHeaders, limit = 1_000, parsed?: unknown) {
  const tap = new BodyTap(limit);
  tap.see(content);
  return describeBody(tap, headers, limit, parsed);
}

test('JSON is a value, text is a string, nothing is nothing', () => {
  expect(body('{"a":[1,"ü"]}', JSON_TYPE)).toEqual({ bytes: 14, content: { a: [1, 'ü'] } });
  expect(body('{"a":1}', { ...JSON_TYPE, type: 'application/problem+json' })).toEqual({
    bytes: 7,
    content: { a: 1 },
  });
  expect(body('a=1&b=2', { ...JSON_TYPE, type: 'application/x-www-form-urlencoded' })).toEqual({
    bytes: 7,
    content: 'a=1&b=2',
  });
  expect(body('', JSON_TYPE)).toBeUndefined();
});

test('JSON that is none is recorded as the text it is', () => {
  expect(body('{"a":', JSON_TYPE)).toEqual({ bytes: 5, content: '{"a":' });
});

test.each(['multipart/form-data; boundary=x', 'image/png', 'application/octet-stream', '', undefined])(
  'of %j only the size is told',
  (type) => expect(body('secret bytes', { type, encoding: undefined })).toEqual({ bytes: 12 }),
);

test('what is longer than the limit is told by its beginning, and by its size', () => {
  const json = JSON.stringify({ first: 'x'.repeat(50), list: Array.from({ length: 100 }, (_, n) => n) });
  const cut = body(json, JSON_TYPE, 100);
  expect(cut).toMatchObject({ bytes: json.length, truncated: true });
  expect(cut?.content).toEqual({ first: 'x'.repeat(50), list: expect.arrayContaining([0, 1, 2]) });
  const words = body('one two three four', { ...JSON_TYPE, type: 'text/plain' }, 10);
  expect(words).toEqual({ bytes: 18, content: 'one two', truncated: true });
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('%s is undone', (encoding, compress) => {
  const headers = { ...JSON_TYPE, encoding };
  const text = JSON.stringify({ a: 'b'.repeat(300) });
  const bytes = compress(text).byteLength;
  expect(body(compress(text), headers)).toEqual({ bytes, content: JSON.parse(text) });
  expect(body(compress(text), headers, 100)).toMatchObject({ bytes, truncated: true });
  // The coding itself is cut off.
  const noise = JSON.stringify(Array.from({ length: 400 }, (_, n) => (n * 7919) % 1009));
  const cut = body(compress(noise), headers, 200);
  expect(cut).toMatchObject({ truncated: true });
  const content = cut?.content as number[];
  expect(content.length).toBeGreaterThan(0);
  expect(content).toEqual((JSON.parse(noise) as number[]).slice(0, content.length));
});

test('a bomb is not unpacked, and what is no such coding is told by its size', () => {
  const bomb = gzipSync(Buffer.alloc(10_000_000, 0x20));
  const headers = { ...JSON_TYPE, encoding: 'gzip' };
  expect(body(bomb, headers, bomb.byteLength)).toEqual({ bytes: bomb.byteLength });
  expect(body('not gzip', headers)).toEqual({ bytes: 8 });
  expect(body('{}', { ...JSON_TYPE, encoding: 'zstd' })).toEqual({ bytes: 2 });
});

test('what the framework made of it helps where the bytes do not', () => {
  expect(body('????', { ...JSON_TYPE, encoding: 'zstd' }, 1_000, { a: 1 })).toEqual({
    bytes: 4,
    content: { a: 1 },
  });
  expect(body('', JSON_TYPE, 1_000, { a: 1 })).toEqual({ bytes: 0, content: { a: 1 } });
  expect(body('', JSON_TYPE, 1_000, {})).toBeUndefined();
});

test('a text in another charset is read as such', () => {
  const headers = { ...JSON_TYPE, type: 'text/plain; charset="iso-8859-1"' };
  expect(body(Buffer.from('grün', 'latin1'), headers)).toEqual({ bytes: 4, content: 'grün' });
  expect(body('x', { ...headers, type: 'text/plain; charset=klingon' })).toEqual({ bytes: 1 });
});

test('a tap keeps no more than its limit, and copies what it keeps', () => {
  const tap = new BodyTap(4);
  const chunk = Buffer.from('abc');
  tap.see(chunk);
  chunk.fill('z');
  tap.see('6465', 'hex');
  tap.see('and more');
  expect(Buffer.from(tap.content()).toString()).toBe('abcd');
  expect(tap.bytes).toBe(13);
  expect(tap.truncated).toBe(true);
});
