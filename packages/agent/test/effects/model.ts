// The effects of what the policy says about calls of models.
import { auditModelCall } from '@audit/agent';
import type { AuditLog } from '@audit/core';
import type { Policy } from '@audit/policy';
import type { Effects } from '../../../policy/test/support/effect.ts';
import { onlyEntry, withLog } from '../support/log.ts';
import { withoutRecord } from './failing.ts';

const TYPE = 'model.inference';

function call(log: AuditLog, { model }: Policy): Promise<unknown> {
  const answer = { choices: [{ message: { content: 'It is forty-two.' } }] };
  return auditModelCall(() => answer, { log, provider: 'p', model: 'm', input: 'What is 6 × 7?', ...model });
}

const told = (name: string) => (policy: Policy) =>
  withLog(async (log) => {
    await call(log, policy);
    return (await onlyEntry(log, TYPE)).data[name];
  });

export const modelEffects: Effects = {
  'integrations.model.prompt': { value: 'clear', observe: told('prompt'), expected: 'What is 6 × 7?' },
  'integrations.model.completion': {
    value: 'clear',
    observe: told('completion'),
    expected: 'It is forty-two.',
  },
  'integrations.model.text': {
    value: '7B',
    beside: { 'integrations.model.prompt': 'clear' },
    observe: told('prompt'),
    expected: 'What is',
  },
  'integrations.model.onFailure': {
    value: 'strict',
    observe: (policy) => withoutRecord(TYPE, (log) => call(log, policy)),
    expected: 'NOT_RECORDED',
  },
};
