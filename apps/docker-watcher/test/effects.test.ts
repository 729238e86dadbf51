// Every key of a policy about Docker and monitoring does something: it is seen to act, and seen not to when it is taken
// away. What the other keys do is shown in packages/policy.
import { describe, expect, test } from 'vitest';
import { allKeys, bothWays } from '../../../packages/policy/test/support/effect.ts';
import { dockerEffects } from './effects/docker.ts';
import { limitEffects } from './effects/limits.ts';
import { monitoringEffects } from './effects/monitoring.ts';

/** The sections shown here. */
const SECTIONS = ['integrations.docker', 'monitoring'];

const effects = { ...dockerEffects, ...limitEffects, ...monitoringEffects };

describe('each key acts', () => {
  test.each(Object.entries(effects))('%s', async (key, effect) => {
    const free = key.startsWith('monitoring.') ? {} : { 'monitoring.port': '0' };
    const seen = await bothWays(key, { ...effect, beside: { ...free, ...effect.beside } });
    expect(seen.with).toEqual(effect.expected);
    expect(seen.without).not.toEqual(effect.expected);
  });
});

test('the walk of the schema finds an effect for each key of these sections, and a key for each effect', () => {
  const keys = allKeys().filter((key) => SECTIONS.some((section) => key.startsWith(`${section}.`)));
  expect(Object.keys(effects).sort()).toEqual([...keys].sort());
});
