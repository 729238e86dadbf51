import { expect, test } from 'vitest';
import { forwardedFor, MAX_FORWARDED_FOR, normalizeAddress } from '../src/address.ts';

test('an IPv4 address mapped into IPv6 is recorded as IPv4', () => {
  expect(normalizeAddress('::ffff:192.0.2.7')).toBe('192.0.2.7');
  expect(normalizeAddress('::FFFF:192.0.2.7')).toBe('192.0.2.7');
});

test('any other address stays as it is', () => {
  expect(normalizeAddress('192.0.2.7')).toBe('192.0.2.7');
  expect(normalizeAddress('2001:db8::7')).toBe('2001:db8::7');
  expect(normalizeAddress('::ffff:c000:207')).toBe('::ffff:c000:207');
});

test('no address is none', () => {
  expect(normalizeAddress(undefined)).toBeUndefined();
  expect(normalizeAddress('')).toBeUndefined();
});

test('X-Forwarded-For is kept raw up to its limit', () => {
  expect(forwardedFor(undefined)).toBeUndefined();
  expect(forwardedFor('6.6.6.6, 10.0.0.9')).toBe('6.6.6.6, 10.0.0.9');
  expect(forwardedFor('6'.repeat(MAX_FORWARDED_FOR + 1))).toHaveLength(MAX_FORWARDED_FOR);
});
