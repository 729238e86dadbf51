// Every key of a policy about assessors, sandboxes and models does something: it is seen to act, and seen not to when it is
// taken away. What the other keys do is shown in packages/policy.
import type { AssessorOptions, ModelOptions, SandboxOptions } from '@audit/agent';
import { type Policy, parsePolicy } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { allKeys, bothWays } from '../../policy/test/support/effect.ts';
import { assessorEffects } from './effects/assessor.ts';
import { modelEffects } from './effects/model.ts';
import { sandboxEffects } from './effects/sandbox.ts';

/** The sections shown here. */
const SECTIONS = ['integrations.assessor', 'integrations.sandbox', 'integrations.model'];

const effects = { ...assessorEffects, ...sandboxEffects, ...modelEffects };

describe.runIf(process.platform === 'linux')('each key acts', () => {
  test.each(Object.entries(effects))('%s', async (key, effect) => {
    const seen = await bothWays(key, effect);
    expect(seen.with).toEqual(effect.expected);
    expect(seen.without).not.toEqual(effect.expected);
  });
});

const keysOf = (section: string) =>
  allKeys()
    .filter((key) => key.startsWith(`${section}.`))
    .map((key) => key.slice(section.length + 1))
    .sort();

test('the walk of the schema finds an effect for each key of these sections, and a key for each effect', () => {
  const keys = SECTIONS.flatMap((section) => keysOf(section).map((key) => `${section}.${key}`));
  expect(Object.keys(effects).sort()).toEqual(keys.sort());
});

test('what a policy says is what the options are, and every option has a key', () => {
  // The compiler refuses a name that is missing here, and one that is no option.
  const assessor: Readonly<Record<keyof AssessorOptions, true>> = {
    ...{
      format: true,
      block: true,
      review: true,
      findings: true,
      report: true,
      timeout: true,
      onFailure: true,
    },
  };
  const sandbox: Readonly<Record<keyof SandboxOptions, true>> = {
    ...{ timeout: true, killGrace: true, cpu: true, memory: true, addressSpace: true, output: true },
    ...{ environment: true, code: true, result: true, text: true, sampleInterval: true, onFailure: true },
  };
  const model: Readonly<Record<keyof ModelOptions, true>> = {
    ...{ prompt: true, completion: true, text: true, onFailure: true },
  };
  const taken: (policy: Policy) => [AssessorOptions, SandboxOptions, ModelOptions] = (policy) => [
    policy.assessor,
    policy.sandbox,
    policy.model,
  ];
  expect(taken(parsePolicy(''))).toEqual([{}, {}, {}]);
  expect([assessor, sandbox, model].map((names) => Object.keys(names).sort())).toEqual(SECTIONS.map(keysOf));
});

test('the defaults a policy tells of are those of the options', async () => {
  const agent: Readonly<Record<string, unknown>> = await import('@audit/agent');
  const { policyKeys } = await import('../../policy/src/keys.ts');
  const written = policyKeys().flatMap(({ path, default: fallback }) => {
    const [, section = '', name = ''] = path;
    return SECTIONS.includes(`integrations.${section}`) ? [[section, name, JSON.stringify(fallback)]] : [];
  });
  const all = written.map(([section, name, value]) => `integrations: {${section}: {${name}: ${value}}}`);
  const parsed = all.map((yaml) => parsePolicy(yaml));
  const constants: Readonly<Record<string, string>> = {
    ...{ 'assessor.timeout': 'DEFAULT_ASSESSMENT_TIMEOUT', 'assessor.format': '' },
    ...{ 'sandbox.killGrace': 'DEFAULT_KILL_GRACE', 'sandbox.addressSpace': 'DEFAULT_ADDRESS_SPACE' },
    ...{ 'sandbox.sampleInterval': 'DEFAULT_SAMPLE_INTERVAL', 'sandbox.code': 'DEFAULT_TREATMENT' },
    ...{ 'sandbox.result': 'DEFAULT_TREATMENT', 'model.prompt': 'DEFAULT_TREATMENT' },
    ...{ 'model.completion': 'DEFAULT_TREATMENT' },
  };
  written.forEach(([section = '', name = ''], i) => {
    const constant =
      constants[`${section}.${name}`] ??
      `DEFAULT_${name === 'onFailure' ? 'ON_FAILURE' : name.toUpperCase()}`;
    if (constant === '') return;
    const values = parsed[i]?.[section as 'sandbox'] as Readonly<Record<string, unknown>>;
    expect(values[name], `${section}.${name}`).toEqual(agent[constant]);
  });
});
