// Changes of the policy as entries of the log it governs: what was, what is, and what became of the attempt.
import { type AuditEvent, isSecretName, type JsonValue, systemConfigChange } from '@audit/core';
import type { KeyChange } from '../compare/compare.ts';
import type { PolicyError } from '../problem.ts';

/** Stands for a value whose key promises a secret; core redacts by its patterns besides. */
const REDACTED = '[REDACTED]';
/** An entry names at most so many problems of a file. */
const MAX_PROBLEMS = 20;

/** `now`: in force · `restart`: waits for one · `never`: refused */
export type TakesEffect = 'now' | 'restart' | 'never';

/** One key that changed, was to change, or will. */
export function changeEvent(change: KeyChange, takesEffect: TakesEffect): AuditEvent {
  const { key, before, after, afterPlace, weakening } = change;
  return systemConfigChange({
    setting: key,
    before: safe(change, before),
    after: safe(change, after),
    outcome: takesEffect === 'never' ? 'denied' : 'success',
    data: {
      weakening,
      takesEffect,
      ...(takesEffect === 'never' && { reason: 'locked' }),
      ...(afterPlace && { place: afterPlace }),
    },
  });
}

/** A file that says nothing that could be taken over. Values are not in it: they may be secrets in the wrong place. */
export function invalidEvent(file: string, error: PolicyError): AuditEvent {
  const { problems } = error;
  return systemConfigChange({
    setting: 'policy',
    outcome: 'failure',
    error: {
      name: error.name,
      code: error.code,
      message: 'The policy cannot be used, so nothing of it was taken over.',
    },
    data: {
      file,
      problemCount: problems.length,
      problems: problems
        .slice(0, MAX_PROBLEMS)
        .map(({ file: where, line, column, key }) => ({ at: `${where}:${line}:${column}`, name: key })),
    },
  });
}

function safe({ pattern }: KeyChange, value: JsonValue): JsonValue {
  const isSecret = pattern.some((step) => step !== '*' && isSecretName(step));
  return isSecret && value !== null ? REDACTED : value;
}
