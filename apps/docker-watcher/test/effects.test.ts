// Every key of a policy about Docker does something: it is seen to act, and seen not to when it is taken
// away. What the other keys do is shown in packages/policy.
import { describe, expect, test } from 'vitest';
import { allKeys, bothWays } from '../../../packages/policy/test/support/effect.ts';
import { dockerEffects } from './effects/docker.ts';
import { limitEffects } from './effects/limits.ts';

/** The sections shown here. */
const SECTIONS = ['integrations.docker'];

const effects = { ...dockerEffects, ...limitEffects };

describe('each key acts', () => {
  test.each(Object.entries(effects))('%s', async (key, effect) => {
    const seen = await bothWays(key, { ...effect, beside: { 'monitoring.port': '0', ...effect.beside } });
    expect(seen.with).toEqual(effect.expected);
    expect(seen.without).not.toEqual(effect.expected);
  });
});

test('the walk of the schema finds an effect for each key of these sections, and a key for each effect', () => {
  const keys = allKeys().filter((key) => SECTIONS.some((section) => key.startsWith(`${section}.`)));
  expect(Object.keys(effects).sort()).toEqual([...keys].sort());
});
