// Every key of a policy about the adapters does something: it is seen to act, and seen not to when it is taken away. What
// the other keys do is shown in packages/policy.
import type { AuditExpressOptions } from '@audit/express';
import type { AuditModuleOptions } from '@audit/nest';
import { parsePolicy } from '@audit/policy';
import type { AuditTransportOptions } from '@audit/winston-transport';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { allKeys, bothWays } from '../../../packages/policy/test/support/effect.ts';
import { expressEffects, levelEffects, nestEffects, sharedEffects } from './effects/http.ts';
import { winstonEffects } from './effects/winston.ts';

/** The sections shown here. */
const SECTIONS = [
  'integrations.http',
  'integrations.express',
  'integrations.nest',
  'integrations.winston',
  'levels.*.http',
];

const effects = { ...sharedEffects, ...expressEffects, ...nestEffects, ...levelEffects, ...winstonEffects };

describe('each key acts', () => {
  test.each(Object.entries(effects))('%s', async (key, effect) => {
    const seen = await bothWays(key, effect);
    expect(seen.with).toEqual(effect.expected);
    expect(seen.without).not.toEqual(effect.expected);
  });
});

test('the walk of the schema finds an effect for each key of these sections, and a key for each effect', () => {
  const keys = allKeys().filter((key) => SECTIONS.some((section) => `${key}.`.startsWith(`${section}.`)));
  expect(Object.keys(effects).sort()).toEqual([...keys].sort());
});

test('the policy hands each adapter the options it takes', () => {
  const { express, nest, winston } = parsePolicy('');
  expectTypeOf(express).toExtend<AuditExpressOptions>();
  expectTypeOf(nest).toExtend<AuditModuleOptions>();
  expectTypeOf(winston).toExtend<AuditTransportOptions>();
  expect(winston).toEqual({});
});
