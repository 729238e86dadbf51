import { expect, test } from 'vitest';
import { isKeyName, isOrigin } from '../../src/note/key-name.ts';

test.each(['shop.example/audit', 'PeterNeumann', 'ä/ö', '😀', '—'])('%s names a key and a log', (name) => {
  expect([isKeyName(name), isOrigin(name)]).toEqual([true, true]);
});

test.each([
  '',
  'go.sum database tree',
  'a+b',
  'a\tb',
  'a\nb',
  'a\u00a0b',
  'a\u2003b',
  'a\u0085b',
  'a\u0001',
  '\ud800',
])('%j names neither', (name) => {
  expect([isKeyName(name), isOrigin(name)]).toEqual([false, false]);
});

test('an origin has at most 255 bytes', () => {
  expect([isOrigin('a'.repeat(255)), isOrigin('a'.repeat(256))]).toEqual([true, false]);
  expect([isOrigin('ä'.repeat(127)), isOrigin('ä'.repeat(128))]).toEqual([true, false]);
  expect(isKeyName('a'.repeat(256))).toBe(true);
});
