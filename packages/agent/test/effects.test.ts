// Every key of a policy about assessors, sandboxes and models does something: it is seen to act, and seen not to when it is
// taken away. What the other keys do is shown in packages/policy.
import { fileURLToPath } from 'node:url';
import type { AssessorOptions, ModelOptions, SandboxOptions } from '@audit/agent';
import * as agent from '@audit/agent';
import { loadPolicy, type Policy, parsePolicy } from '@audit/policy';
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

test('the shipped policy, which tells the defaults, has those of the options', async () => {
  const shipped = fileURLToPath(new URL('../../../config/audit.yaml', import.meta.url));
  const { assessor, sandbox, model } = await loadPolicy(shipped);
  expect(assessor).toEqual({
    ...{ format: 'auto', block: agent.DEFAULT_BLOCK, review: agent.DEFAULT_REVIEW },
    ...{ findings: agent.DEFAULT_FINDINGS, report: agent.DEFAULT_REPORT },
    ...{ timeout: agent.DEFAULT_ASSESSMENT_TIMEOUT, onFailure: agent.DEFAULT_ON_FAILURE },
  });
  expect(sandbox).toEqual({
    ...{ timeout: agent.DEFAULT_TIMEOUT, killGrace: agent.DEFAULT_KILL_GRACE, cpu: agent.DEFAULT_CPU },
    ...{
      memory: agent.DEFAULT_MEMORY,
      addressSpace: agent.DEFAULT_ADDRESS_SPACE,
      output: agent.DEFAULT_OUTPUT,
    },
    ...{ environment: agent.DEFAULT_ENVIRONMENT, sampleInterval: agent.DEFAULT_SAMPLE_INTERVAL },
    ...{ code: agent.DEFAULT_TREATMENT, result: agent.DEFAULT_TREATMENT, text: agent.DEFAULT_TEXT },
    onFailure: agent.DEFAULT_ON_FAILURE,
  });
  expect(model).toEqual({
    ...{ prompt: agent.DEFAULT_TREATMENT, completion: agent.DEFAULT_TREATMENT, text: agent.DEFAULT_TEXT },
    onFailure: agent.DEFAULT_ON_FAILURE,
  });
});
