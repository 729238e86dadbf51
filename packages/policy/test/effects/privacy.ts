// The effects of what the policy says about privacy.
import { fileURLToPath } from 'node:url';
import type { Effects } from '../support/effect.ts';
import { recorded } from './logs.ts';

/** 32 times the letter. */
const keyOf = (letter: string) => fileURLToPath(new URL(`../fixtures/hmac-${letter}.key`, import.meta.url));

export const privacyEffects: Effects = {
  'privacy.enabled': {
    value: 'false',
    observe: async (policy) => (await recorded(policy, { data: { password: 'hunter22' } })).data,
    expected: { password: 'hunter22' },
  },
  'privacy.way': {
    value: 'remove',
    observe: async (policy) => (await recorded(policy, { data: { password: 'hunter22', city: 'Ulm' } })).data,
    expected: { city: 'Ulm' },
  },
  'privacy.hmacKeyFile': {
    value: keyOf('a'),
    beside: { 'privacy.way': 'hmac' },
    instead: keyOf('b'),
    observe: async (policy) => (await recorded(policy, { data: { password: 'hunter22' } })).data,
    // HMAC-SHA-256 over the secret, its first half, and the id of the key: computed by openssl.
    expected: { password: 'hmac:869cc4a8:a1df0ed0533e004c0b517d9a03ba23ea' },
  },
  'privacy.keys': {
    value: '[shoe-size]',
    observe: async (policy) => (await recorded(policy, { data: { shoeSize: '43' } })).data,
    expected: { shoeSize: '[REDACTED]' },
  },
  'privacy.allowKeys': {
    value: '[pin]',
    observe: async (policy) => (await recorded(policy, { data: { pin: 'A7 of the header' } })).data,
    expected: { pin: 'A7 of the header' },
  },
  'privacy.patterns': {
    value: "{employee: '\\bE-\\d{6}\\b', room: {pattern: '\\bR-\\d{3}\\b', way: remove}}",
    observe: async (policy) => (await recorded(policy, { data: { note: 'seen by E-123456 in R-101' } })).data,
    expected: { note: 'seen by [REDACTED] in ' },
  },
  'privacy.allowPatterns': {
    value: '[card-number]',
    observe: async (policy) => (await recorded(policy, { data: { part: '4111 1111 1111 1111' } })).data,
    expected: { part: '4111 1111 1111 1111' },
  },
  'privacy.pointers': {
    value: '[/data/customer/*/name]',
    observe: async (policy) =>
      (await recorded(policy, { data: { customer: [{ name: 'Ada', city: 'London' }] } })).data,
    expected: { customer: [{ name: '[REDACTED]', city: 'London' }] },
  },
};
