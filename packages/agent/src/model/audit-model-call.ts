// One call of a model that answers as a whole, on record.
import { Recording } from '../recording.ts';
import type { Answer } from './answer.ts';
import { CallTold } from './event.ts';
import { checkModelCall, type ModelCallOptions } from './options.ts';
import { outcomeOf } from './outcome.ts';
import { readAnswer } from './read-answer.ts';

/**
 * Calls a model by `fn` and records it as `model.inference`:
 *
 * ```ts
 * const answer = await auditModelCall(() => client.chat.completions.create({ model, messages }), {
 *   provider: 'openai', model, input: messages, log,
 * });
 * ```
 *
 * Facts are read of the responses of OpenAI and Anthropic and those who speak like them; `read` is for all others.
 *
 * @returns what `fn` resolves with, untouched
 * @throws what `fn` throws; AuditAgentError `NOT_RECORDED`; TypeError, RangeError naming the option
 */
export async function auditModelCall<T>(
  fn: () => T | PromiseLike<T>,
  options: ModelCallOptions,
): Promise<Awaited<T>> {
  if (typeof fn !== 'function') throw new TypeError('auditModelCall takes a function that calls the model');
  const settings = checkModelCall(options);
  const recording = new Recording(options);
  const told = new CallTold(options, settings);
  await recording.begin(told.started());
  let response: Awaited<T>;
  try {
    response = await fn();
  } catch (error) {
    const { durationMs } = recording;
    await recording.end(told.finished({ answer: {}, durationMs, outcome: outcomeOf(error), error }), error);
    throw error;
  }
  const { durationMs } = recording;
  const answer = readBy(options.read ?? readAnswer, response);
  const failed = answer.error !== undefined;
  const course = { answer, durationMs, outcome: failed ? ('failure' as const) : ('success' as const) };
  await recording.end(told.finished({ ...course, ...(failed && { error: answer.error }) }), response);
  return response;
}

/** A mistake of the application's own reader costs what it should have read, never the answer. */
export function readBy(read: (response: unknown) => Answer, response: unknown): Answer {
  try {
    return read(response) ?? {};
  } catch (error) {
    process.emitWarning(`options.read of a model call throws: ${String(error)}`, {
      type: 'AuditWarning',
      code: 'AUDIT_CALLBACK_FAILED',
    });
    return {};
  }
}
