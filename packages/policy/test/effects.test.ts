// Every key of a policy does something: it is seen to act, and seen not to when it is taken away.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { alertChannelEffects } from './effects/alert-channels.ts';
import { alertRuleEffects } from './effects/alert-rules.ts';
import { eventEffects } from './effects/events.ts';
import { logEffects } from './effects/log.ts';
import { maintenanceEffects } from './effects/maintenance.ts';
import { monitoringEffects } from './effects/monitoring.ts';
import { privacyEffects } from './effects/privacy.ts';
import { retentionEffects } from './effects/retention.ts';
import { allKeys, bothWays } from './support/effect.ts';

const effects = {
  ...logEffects,
  ...retentionEffects,
  ...eventEffects,
  ...privacyEffects,
  ...alertRuleEffects,
  ...alertChannelEffects,
  ...monitoringEffects,
  ...maintenanceEffects,
};

/** Sections whose effects need what this package does not import, and the test that shows them. */
const elsewhere: Readonly<Record<string, string>> = {
  'integrations.http': '../../../apps/demo/test/policy.test.ts',
  'integrations.express': '../../../apps/demo/test/policy.test.ts',
  'integrations.nest': '../../../apps/demo/test/policy.test.ts',
  'integrations.winston': '../../../apps/demo/test/policy.test.ts',
  'levels.*.http': '../../../apps/demo/test/policy.test.ts',
  'integrations.docker': '../../../apps/docker-watcher/test/effects.test.ts',
  'integrations.assessor': '../../agent/test/effects.test.ts',
  'integrations.sandbox': '../../agent/test/effects.test.ts',
  'integrations.model': '../../agent/test/effects.test.ts',
};

describe('each key acts', () => {
  test.each(Object.entries(effects))('%s', async (key, effect) => {
    const seen = await bothWays(key, effect);
    expect(seen.with).toEqual(effect.expected);
    expect(seen.without).not.toEqual(effect.expected);
  });
});

describe('the walk of the schema', () => {
  const isElsewhere = (key: string) =>
    Object.keys(elsewhere).some((section) => `${key}.`.startsWith(`${section}.`));

  test('finds an effect for each key, and a key for each effect', () => {
    expect(Object.keys(effects).sort()).toEqual(
      allKeys()
        .filter((key) => !isElsewhere(key))
        .sort(),
    );
  });

  test.each(Object.entries(elsewhere))('what %s does is shown where its packages are', (section, file) => {
    expect(existsSync(new URL(file, import.meta.url))).toBe(true);
    expect(readFileSync(new URL(file, import.meta.url), 'utf8')).toContain(`'${section}'`);
    expect(allKeys().some((key) => `${key}.`.startsWith(`${section}.`))).toBe(true);
  });
});
